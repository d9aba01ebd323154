-- The next time of a repeated job is computed, however long ago it was due and however short its interval; it never leads back.
\set VERBOSITY terse
SET timezone = 'Europe/Berlin';
SET statement_timeout = '10s';

-- From a time that is still to come, one step.
SELECT repeat_every, teamwork.next_time('2100-01-31 02:30', repeat_every) FROM unnest('{1 s,90 min,36 hours,1 day,1 month,1 year 1 day 1 h}'::interval[]) repeat_every;

-- From whenever: the first that is past now, and a number of steps away.
SELECT scheduled_time, repeat_every, next - repeat_every <= clock_timestamp() AND now() < next AS is_next,
       EXISTS (SELECT FROM generate_series(-2, 2) off, LATERAL (SELECT round(extract(epoch FROM next - scheduled_time) / extract(epoch FROM repeat_every)) + off) n (steps)
               WHERE scheduled_time + repeat_every * steps::float8 = next) AS is_a_step
FROM unnest('{2026-01-31 23:00,2000-02-29 12:00,1900-01-01 00:00}'::timestamptz[]) scheduled_time,
     unnest('{1 s,7 min,36 hours,1 day,1 week}'::interval[]) repeat_every,
     LATERAL teamwork.next_time(scheduled_time, repeat_every) next;
SELECT repeat_every, teamwork.next_time('4713-01-01 00:00 BC', repeat_every) BETWEEN now() AND now() + 2 * repeat_every AS is_next
FROM unnest('{1 s,1 day,1 month,1 year}'::interval[]) repeat_every;

-- By the calendar: a month from the last of January is the last of February.
SELECT next > now() AS is_to_come, extract(day FROM next) >= 28 AS is_late_in_the_month FROM teamwork.next_time('2020-01-31 08:00', '1 month') next;

-- From no time at all there is none.
SELECT teamwork.next_time('-infinity', '1 day');
