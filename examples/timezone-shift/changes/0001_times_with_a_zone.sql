-- The application stores UTC in a timestamp without time zone. The conversion reads it in the time zone of the
-- database, which is America/New_York: every reading moves by four or five hours.
alter table station.readings
  alter column taken_at type timestamptz;
