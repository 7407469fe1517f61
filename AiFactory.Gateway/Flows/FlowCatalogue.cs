using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.OpenAI;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Flows;

/// <summary>
/// The published flows of each project, asked of the builder when a client lists models, and remembered for a few seconds. A builder that is slow or down
/// has none to name: the list of models never waits long and never fails for it.
/// </summary>
internal sealed partial class FlowCatalogue(
    FlowClient client, IdentityTokens tokens, IOptions<FlowOptions> options, TimeProvider time, ILogger<FlowCatalogue> logger)
{
    /// <summary>Callers of the whole factory may name any project, also such as are not there.</summary>
    private const int MostProjects = 1000;

    private readonly ConcurrentDictionary<string, Listing> _listings = new(StringComparer.Ordinal);

    /// <param name="project">Whose flows; the caller was let in for it.</param>
    public Task<IReadOnlyList<ModelEntry>> ListAsync(Caller caller, string? project, CancellationToken cancellationToken)
    {
        if (!client.IsConfigured || project is null || BuilderCallers.Includes(caller.Identity))
        {
            return Task.FromResult<IReadOnlyList<ModelEntry>>([]);
        }

        // Those who come while the builder is asked wait for the same answer.
        var now = time.GetTimestamp();
        if (!_listings.TryGetValue(project, out var listing) || time.GetElapsedTime(listing.At, now) > options.Value.ListReuse)
        {
            if (_listings.Count >= MostProjects)
            {
                _listings.Clear();
            }

            var mine = new Listing(now, new Lazy<Task<IReadOnlyList<ModelEntry>>>(() => AskAsync(caller.Authorization(tokens, time), project)));
            listing = _listings.AddOrUpdate(project, mine, (_, other) => other == listing ? mine : other ?? mine);
        }

        return listing.Flows.Value.WaitAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<ModelEntry>> AskAsync(string authorization, string project)
    {
        using var limit = new CancellationTokenSource(options.Value.ListTimeout, time);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(FlowClient.BaseAddress, "v1/models"));
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(authorization);
            request.Headers.TryAddWithoutValidation(ModelCallers.ProjectHeader, project);
            using var response = await client.SendAsync(request, limit.Token);
            response.EnsureSuccessStatusCode();
            var list = await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ModelList, limit.Token);
            return [.. list?.Data.Where(model => FlowModel.IsNamedBy(model.Id)) ?? []];
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidOperationException)
        {
            LogUnknown(logger, error.Message);
            return [];
        }
    }

    [LoggerMessage(1303, LogLevel.Warning, "The builder did not name its published flows ({Reason}); the list of models is without them")]
    private static partial void LogUnknown(ILogger logger, string reason);

    private sealed record Listing(long At, Lazy<Task<IReadOnlyList<ModelEntry>>> Flows);
}
