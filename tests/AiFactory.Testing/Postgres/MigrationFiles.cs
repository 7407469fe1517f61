using System.Reflection;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Testing.Postgres;

/// <summary>Holds a service's migrations to their rules: numbers without a gap, and a file that was released never changes.</summary>
public static class MigrationFiles
{
    /// <param name="released">Each file's name and SHA-256, kept in the service's test.</param>
    /// <returns>What is wrong, as sentences; a service's test wants this empty.</returns>
    public static IReadOnlyList<string> Complaints(Assembly assembly, IReadOnlyDictionary<string, string> released)
    {
        IReadOnlyList<Migration> migrations;
        try
        {
            migrations = MigrationSet.Read(assembly);
        }
        catch (MigrationException error)
        {
            return [error.Message];
        }

        var gone = released.Keys.Except(migrations.Select(migration => migration.Name)).Select(name => $"{name} was released and is gone.");
        return [.. gone, .. migrations.Select(migration => Complaint(migration, released.GetValueOrDefault(migration.Name))).OfType<string>()];
    }

    private static string? Complaint(Migration migration, string? released)
    {
        if (released is null)
        {
            return $"{migration.Name} is not in the list of released migrations: add it with {migration.Checksum}.";
        }

        return released == migration.Checksum ? null : $"{migration.Name} was released as {released} and is now {migration.Checksum}: put it back and write a new one.";
    }
}
