namespace AiFactory.Hosting.Postgres;

internal sealed record EmbeddedPostgresOptions
{
    /// <summary>Holds the data (<c>data/</c>) and how the server runs as root (<c>account</c>).</summary>
    public required string Folder { get; init; }

    public required int Port { get; init; }

    public string UserName { get; init; } = "postgres";

    public required string Password { get; init; }

    /// <summary>
    /// The kernel stops the server when the thread that started it ends: for a starter that keeps a thread for it and has nobody else
    /// to see to it.
    /// </summary>
    public bool EndsWithItsStarter { get; init; }

    /// <summary>For tests: nothing is forced to the disk, so a power cut could lose the data. A killed server still loses none.</summary>
    public bool Disposable { get; init; }
}
