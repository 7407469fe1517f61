using AiFactory.Contracts.Library;
using AiFactory.Testing.Postgres;

namespace AiFactory.ModelLibrary.Tests.Edges;

/// <summary>What is asked of the sources of the project <c>default</c>.</summary>
internal static class SourceCalls
{
    private const string Project = "/api/library/projects/default";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A library that has made its first project.</summary>
    internal static async Task<LibraryUnderTest> StartedAsync(PostgresFixture postgres, Dictionary<string, string?>? settings = null)
    {
        var library = await LibraryUnderTest.StartAsync(postgres, settings);
        using var admin = library.Admin();
        await admin.UntilAsync<Page<ProjectResponse>>("/api/library/projects", page => page.Items.Count == 1);
        return library;
    }

    internal static Task<SourceResponse> AddAsync(HttpClient client, string location, string? names = null, string? tags = null) =>
        client.PostAsync<SourceRequest, SourceResponse>($"{Project}/sources", new SourceRequest("s", "directory", location, names, tags, null));

    internal static async Task<SyncResult> SyncAsync(HttpClient client, SourceResponse source)
    {
        var queued = await (await client.PostAsync(new Uri($"{Project}/sources/{source.Id}/sync", UriKind.Relative), null, Token)).ReadAsync<SyncResult>();
        var page = await client.UntilAsync<Page<SyncResult>>(
            $"{Project}/sources/{source.Id}/syncs", page => page.Items.Any(sync => sync.Id == queued.Id && sync.FinishedAt is not null));
        return page.Items.Single(sync => sync.Id == queued.Id);
    }

    internal static async Task<SyncResult> UntilSyncedAsync(HttpClient client, SourceResponse source, Func<SyncResult, bool> wanted) =>
        (await client.UntilAsync<SourceResponse>($"{Project}/sources/{source.Id}", answer => answer.LastSync is { } sync && wanted(sync))).LastSync!; // just tested

    /// <summary>The newest version of a model, once it is in the state.</summary>
    internal static async Task<ModelVersionResponse> UntilVersionAsync(HttpClient client, string model, string state) =>
        (await client.UntilAsync<Page<ModelResponse>>($"{Project}/models", page => page.Items.Any(item => item.Name == model && item.Versions[0].State == state)))
            .Items.Single(item => item.Name == model).Versions[0];
}
