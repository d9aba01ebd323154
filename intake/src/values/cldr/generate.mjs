// Writes the tables beside it from CLDR's data:
//
//     npm pack cldr-dates-full cldr-numbers-full cldr-misc-full    and unpack each into a folder of its name
//     node generate.mjs FOLDER
//
// icu4x would read the same data. It gives patterns for writing dates and money, not the names for reading them, and
// needs far more than these few kilobytes.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const root = process.argv[2];
const version = JSON.parse(readFileSync(`${root}/cldr-dates-full/package.json`)).version;
const locales = readdirSync(`${root}/cldr-dates-full/main`);
const load = (kind, locale, file) => {
    try {
        return JSON.parse(readFileSync(`${root}/cldr-${kind}-full/main/${locale}/${file}.json`)).main[locale];
    } catch {
        return {};
    }
};
const table = (name, about, rows) => {
    const head = `# ${about}\n# From CLDR ${version} (© Unicode, Inc., Unicode-3.0) by generate.mjs; not to be changed by hand.\n`;
    const line = ([key, words]) => `${key}: ${[...words].sort().join(" | ")}\n`;
    writeFileSync(new URL(name, import.meta.url), head + [...rows].map(line).join(""));
};
const add = (map, key, word) => map.set(key, (map.get(key) ?? new Set()).add(word));

// Languages whose dates are read. More would make more abbreviations ambiguous: "lip" is June or July.
const LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "da", "nb", "nn", "no", "sv", "fi"];
const ours = locales.filter((locale) => LANGUAGES.includes(locale.split("-")[0]) && !/Dsrt|Shaw/.test(locale));
const plain = (word) => word.toLowerCase().replace(/\.$/, "");
const umlauts = { ä: "ae", ö: "oe", ü: "ue" };
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const months = new Map(Array.from({ length: 12 }, (_, at) => [String(at + 1), new Set()]));
const days = new Map(DAYS.map((_, at) => [String(at + 1), new Set()]));
const fillers = new Set(["of", "the", "le", "il", "el"]);
for (const locale of ours) {
    const calendar = load("dates", locale, "ca-gregorian").dates?.calendars.gregorian;
    if (!calendar) continue;
    const spell = (map, key, word) => {
        if (/\d/.test(word)) return;
        add(map, key, plain(word));
        if (locale.startsWith("de")) add(map, key, plain(word).replace(/[äöü]/g, (c) => umlauts[c]));
    };
    for (const form of ["format", "stand-alone"]) {
        for (const width of ["wide", "abbreviated"]) {
            for (const [month, word] of Object.entries(calendar.months[form][width])) spell(months, month, word);
        }
        for (const width of ["wide", "abbreviated", "short"]) {
            for (const [day, word] of Object.entries(calendar.days[form][width])) {
                spell(days, String(DAYS.indexOf(day) + 1), word);
            }
        }
    }
    const patterns = [calendar.dateFormats, calendar["dateTimeFormats-atTime"]?.standard ?? {}];
    for (const pattern of patterns.flatMap(Object.values)) {
        for (const [, word] of String(pattern._value ?? pattern).matchAll(/'([^']+)'/g)) word.split(" ").forEach((part) => fillers.add(part));
    }
}
// "jui" is either of two months in French.
months.get("6").delete("jui");
// What German Excel writes.
add(months, "3", "mrz");
table("months.txt", "Names of the months, full and abbreviated, in lower case.", months);
table("weekdays.txt", "Names of the days of the week, Monday first, full and abbreviated, in lower case.", days);
table("fillers.txt", "Words in dates that mean nothing by themselves.", [["words", [...fillers].filter((w) => /^\p{L}+$/u.test(w))]]);

// Currencies: the codes of this century, and the signs that at least two languages have for them.
const supplied = JSON.parse(readFileSync(`${root}/cldr-core/supplemental/currencyData.json`)).supplemental.currencyData;
const codes = new Set();
for (const entry of Object.values(supplied.region).flat()) {
    for (const [code, span] of Object.entries(entry)) {
        if (span._tender !== "false" && code !== "XXX" && (span._to ?? "9") >= "2010") codes.add(code);
    }
}
// Units and sizes as often as money, and signs that languages disagree about.
const UNITS = new Set(
    "KM LT DA DT FC LE LS MK RF CF SR TK UM VT ZK FG FR Ar Kw Db Br Le Lt Ls Kn kn Cf Cg T$ den F.G КМ щ.д ЛСЛ ТМТ сом Сом".split(" "),
);
// What people write besides.
const EXTRAS = { CHF: ["Fr", "SFr"], CNY: ["RMB"] };
// Where several have a sign, the one that it is taken for in a list of currencies; "kr" and "Rs" stay what they are.
const MAIN = ["USD", "GBP", "JPY", "KRW", "PHP", "CRC"];
const seen = new Map();
for (const locale of readdirSync(`${root}/cldr-numbers-full/main`)) {
    for (const [code, names] of Object.entries(load("numbers", locale, "currencies").numbers?.currencies ?? {})) {
        if (!codes.has(code)) continue;
        const words = ["symbol", "symbol-alt-narrow", "symbol-alt-variant", "displayName-count-one", "displayName-count-other"];
        for (const key of words) {
            const sign = (names[key] ?? "").replace(/[\u200b\u200e\u200f\u061c]/g, "").replace(/\.$/, "");
            const single = key.startsWith("symbol") ? !/^[A-Za-zа-я]$/.test(sign) : code === "EUR" || /^\p{Script=Han}$/u.test(sign);
            if (!sign || codes.has(sign) || !single || /[\s\u00a0\u202f]/.test(sign) || UNITS.has(sign)) continue;
            const found = seen.get(sign) ?? { codes: new Set(), languages: new Set() };
            seen.set(sign, found);
            found.codes.add(code);
            found.languages.add(locale.split("-")[0]);
        }
    }
}
const money = new Map([...codes].sort().map((code) => [code, new Set([code])]));
for (const [sign, found] of seen) {
    const isWritten = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Han}\p{Sc}./]+$/u.test(sign);
    if (!isWritten || (found.languages.size < 2 && !/[\p{Script=Han}\p{Script=Cyrillic}]/u.test(sign))) continue;
    const main = MAIN.find((code) => found.codes.has(code));
    // "Kr" and "kr" are one.
    const shared = sign.toLowerCase() === "kr" ? "kr" : sign;
    add(money, main ?? (found.codes.size === 1 ? [...found.codes][0] : shared), sign);
}
for (const [code, words] of Object.entries(EXTRAS)) words.forEach((word) => add(money, code, word));
table("currencies.txt", "Currencies by code, or by sign where several share it: what is written for them, without a point behind.", money);

// Yes and no. What means yes in one language and no in another is left out.
const SPOKEN = [...LANGUAGES, "cs", "sk", "hu", "ro", "hr", "sl", "sr", "tr", "ru", "uk", "bg", "el", "lt", "lv", "et", "id", "ja", "ko", "zh"];
// TRUE and FALSE as spreadsheets write them in these languages: CLDR does not have them.
const SPREADSHEETS = {
    true: "wahr vrai verdadero vero verdadeiro waar prawda sand sann sant tosi pravda igaz doğru adevărat istina истина істина tiesa patiess tõene",
    false: "falsch faux falso onwaar fałsz falsk usann falskt epätosi nepravda hamis yanlış fals laž ложь ложа хибність netiesa aplams väär",
};
const answers = new Map(Object.entries(SPREADSHEETS).map(([key, words]) => [key, new Set(words.split(" "))]));
for (const locale of SPOKEN) {
    const messages = load("misc", locale, "posix").posix?.messages ?? {};
    for (const [key, value] of [["true", messages.yesstr], ["false", messages.nostr]]) {
        const word = value?.split(":")[0].toLowerCase().trim();
        if (word && word.length > 1 && /^\p{L}+$/u.test(word)) add(answers, key, word);
    }
}
const both = [...answers.get("true")].filter((word) => answers.get("false").has(word));
for (const words of answers.values()) both.forEach((word) => words.delete(word));
table("answers.txt", "True and false, yes and no in many languages, in lower case.", answers);
