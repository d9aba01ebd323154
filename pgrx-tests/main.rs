//! Behaviours, attacks, races and kills, against real servers.
