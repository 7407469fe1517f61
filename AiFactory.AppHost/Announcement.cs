using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace AiFactory.AppHost;

/// <summary>Says where the factory is and how to use it, once every seeded deployment answers; says what is missing while it takes long.</summary>
internal static class Announcement
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public static void AnnounceWhenServing(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<ParameterResource> adminKey,
        IResourceBuilder<ParameterResource> consoleToken,
        params string[] models)
    {
        var announced = 0;
        builder.Eventing.Subscribe<ResourceReadyEvent>(gateway.Resource, async (_, cancellationToken) =>
        {
            if (Interlocked.Exchange(ref announced, 1) == 1)
            {
                return; // the gateway was restarted
            }

            var address = gateway.GetEndpoint("http").Url;
            var key = await adminKey.Resource.GetValueAsync(cancellationToken) ?? "";
            var token = await consoleToken.Resource.GetValueAsync(cancellationToken) ?? "";
            await WaitUntilServedAsync(address, key, models, cancellationToken);
            Console.WriteLine(Text(address, key, token, models, builder.Configuration.SignInCallback(address)));
        });
    }

    /// <param name="callback">Null where there is no identity provider to sign in at.</param>
    internal static string Text(string address, string key, string token, IReadOnlyList<string> models, string? callback) =>
        $$"""

        The factory serves {{string.Join(", ", models)}}.

          Console    {{address}}/signin#token={{token}}
          API        {{address}}/v1
          Admin key  {{key}}{{(callback is null ? "" : $"\n  Callback   {callback} (the identity provider must know it)")}}

          curl -N {{address}}/v1/chat/completions -H 'Authorization: Bearer {{key}}' -H 'Content-Type: application/json' -d '{"model":"{{models[0]}}","stream":true,"max_tokens":64,"messages":[{"role":"user","content":"Hello, who are you?"}]}'

        """;

    private static async Task WaitUntilServedAsync(string address, string key, string[] models, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var began = TimeProvider.System.GetTimestamp();
        var complained = false;
        while (await MissingAsync(http, models, cancellationToken) is { } missing)
        {
            if (!complained && TimeProvider.System.GetElapsedTime(began) > Patience)
            {
                complained = true;
                Console.WriteLine($"Not every seeded model is served yet: {missing} Watch the resource 'library' on the dashboard; this goes on by itself.");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>What is still missing, in words; null when every model is listed by the gateway, and a worker has it ready.</summary>
    private static async Task<string?> MissingAsync(HttpClient http, string[] models, CancellationToken cancellationToken)
    {
        try
        {
            var missing = new List<string>();
            foreach (var model in models)
            {
                if (await WhyAsync(http, model, cancellationToken) is { } why)
                {
                    missing.Add($"{model}: {why}.");
                }
            }

            return missing.Count == 0 ? null : string.Join(' ', missing);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException
            || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{exception.Message}.";
        }
    }

    private static async Task<string?> WhyAsync(HttpClient http, string model, CancellationToken cancellationToken)
    {
        // Asked for alone: the list of all waits for the flows that the builder names.
        using var listed = await http.GetAsync($"v1/models/{model}", cancellationToken);
        if (!listed.IsSuccessStatusCode && listed.StatusCode != HttpStatusCode.NotFound)
        {
            return $"the gateway answers {(int)listed.StatusCode}";
        }

        // A gateway that was started again lists what it listed before, whoever has it by now.
        using var response = await http.GetAsync($"api/library/projects/default/deployments/{model}", cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return $"not deployed ({(int)response.StatusCode})";
        }

        var deployment = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        var phase = deployment.GetProperty("phase").GetString();
        return listed.IsSuccessStatusCode && phase == "ready" ? null : $"{phase} {deployment.GetProperty("message").GetString()}".TrimEnd(' ', '.');
    }
}
