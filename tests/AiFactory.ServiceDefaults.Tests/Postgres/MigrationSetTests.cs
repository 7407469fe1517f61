using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ServiceDefaults.Tests.Postgres;

public sealed class MigrationSetTests
{
    [Fact]
    public void The_embedded_files_are_read_in_their_order()
    {
        var migrations = MigrationSet.Read(typeof(MigrationSetTests).Assembly);

        migrations.Select(migration => migration.Name).ShouldBe(["0001_notes.sql", "0002_note_authors.sql"]);
        migrations[0].Checksum.Length.ShouldBe(64);
    }

    [Fact]
    public void A_gap_is_refused_and_named() =>
        Should.Throw<MigrationException>(() => MigrationSet.RefuseGaps([File(1), File(3)])).Message.ShouldBe(
            "Migration 0002 is missing before 0003_x.sql: numbers count from 0001 without a gap.");

    [Fact]
    public void A_doubled_number_is_refused_and_named() =>
        Should.Throw<MigrationException>(() => MigrationSet.RefuseGaps([File(1), File(1)])).Message.ShouldContain("0001");

    [Fact]
    public void The_checksum_does_not_depend_on_the_line_ends_of_a_checkout() =>
        MigrationSet.Create(1, "0001_x.sql", "a\r\nb").Checksum.ShouldBe(MigrationSet.Create(1, "0001_x.sql", "a\nb").Checksum);

    private static Migration File(int number) => MigrationSet.Create(number, $"{number:D4}_x.sql", "select 1");
}
