using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace AiFactory.ServiceDefaults.Postgres;

/// <summary>An assembly's migrations: its embedded resources whose names end in <c>Storage.Migrations.NNNN_name.sql</c>.</summary>
public static partial class MigrationSet
{
    /// <summary>The migrations by number.</summary>
    /// <exception cref="MigrationException">A name is not of the form, a number is missing or doubled.</exception>
    public static IReadOnlyList<Migration> Read(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var migrations = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (MigrationFile().Match(resource) is { Success: true } match)
            {
                migrations.Add(Read(assembly, resource, match.Groups["name"].Value));
            }
        }

        migrations.Sort((one, other) => one.Number.CompareTo(other.Number));
        RefuseGaps(migrations);
        return migrations;
    }

    internal static void RefuseGaps(IReadOnlyList<Migration> migrations)
    {
        for (var i = 0; i < migrations.Count; i++)
        {
            var migration = migrations[i];
            if (i > 0 && migrations[i - 1].Number == migration.Number)
            {
                throw new MigrationException($"Two migrations have the number {migration.Number:D4}: {migrations[i - 1].Name} and {migration.Name}.");
            }

            if (migration.Number != i + 1)
            {
                throw new MigrationException($"Migration {i + 1:D4} is missing before {migration.Name}: numbers count from 0001 without a gap.");
            }
        }
    }

    private static Migration Read(Assembly assembly, string resource, string name)
    {
        if (!int.TryParse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || name[4] != '_')
        {
            throw new MigrationException($"The migration {name} is not named NNNN_name.sql.");
        }

        using var stream = assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The embedded file {resource} cannot be opened.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Create(number, name, reader.ReadToEnd());
    }

    internal static Migration Create(int number, string name, string sql)
    {
        var text = sql.ReplaceLineEndings("\n");
        return new Migration(number, name, text, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    [GeneratedRegex(@"\.Storage\.Migrations\.(?<name>[^.]{5,}\.sql)$", RegexOptions.CultureInvariant)]
    private static partial Regex MigrationFile();
}
