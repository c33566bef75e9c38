-- write: a sensor reports; $1 names it, $2 is what it measured
insert into station.readings (sensor, celsius)
values ($1::text, $2::int4 % 100);

-- read: every reading reported this way; those of the seed start with S-
select sensor
from station.readings
where sensor like 'w%';
