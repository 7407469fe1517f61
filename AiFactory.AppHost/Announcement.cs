using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
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
            Console.WriteLine(Text(address, key, token, models));
        });
    }

    internal static string Text(string address, string key, string token, IReadOnlyList<string> models) =>
        $$"""

        The factory serves {{string.Join(", ", models)}}.

          Console    {{address}}/signin#token={{token}}
          API        {{address}}/v1
          Admin key  {{key}}

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

    /// <summary>What is still missing, in words; null when every model is listed by the gateway.</summary>
    private static async Task<string?> MissingAsync(HttpClient http, string[] models, CancellationToken cancellationToken)
    {
        try
        {
            using var served = await http.GetAsync("v1/models", cancellationToken);
            if (!served.IsSuccessStatusCode)
            {
                return $"the gateway answers {(int)served.StatusCode}.";
            }

            var list = await served.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            var ids = list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ToHashSet();
            return models.All(ids.Contains) ? null : await WhyAsync(http, models.Where(model => !ids.Contains(model)), cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException
            || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{exception.Message}.";
        }
    }

    private static async Task<string> WhyAsync(HttpClient http, IEnumerable<string> missing, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var model in missing)
        {
            using var response = await http.GetAsync($"api/library/projects/default/deployments/{model}", cancellationToken);
            text.Append(model).Append(": ");
            if (response.IsSuccessStatusCode)
            {
                var deployment = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
                text.Append(deployment.GetProperty("phase").GetString()).Append(' ').Append(deployment.GetProperty("message").GetString());
            }
            else
            {
                text.Append("not deployed (").Append((int)response.StatusCode).Append(')');
            }

            text.Append(". ");
        }

        return text.ToString().TrimEnd();
    }
}
