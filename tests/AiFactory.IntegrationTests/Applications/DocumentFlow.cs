using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.IntegrationTests.Applications;

/// <summary>A flow over the documents that come with the factory, made of the template and run on the model that ships.</summary>
internal static class DocumentFlow
{
    private const string Base = "api/builder/projects/default";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Asks, and fails unless the answer cites passages that it was given, and each passage is a part of its document, to the character.</summary>
    internal static async Task AssertCitesAsync(HttpClient client, string question)
    {
        await UntilAsync(client, $"{Base}/knowledge-bases/aifactory/documents", page => page.GetProperty("items") is { } items
            && items.GetArrayLength() > 0 && items.EnumerateArray().All(document => State(document) == "ready"));
        var name = $"docs-{Guid.CreateVersion7():n}";
        using var made = await client.PostAsJsonAsync($"{Base}/flows", new FlowRequest(name, null, "chat-over-documents", "aifactory", "demo-chat"), Token);
        made.IsSuccessStatusCode.ShouldBeTrue(await made.Content.ReadAsStringAsync(Token));

        using var started = await client.PostAsJsonAsync($"{Base}/flows/{name}/runs", new RunRequest(JsonSerializer.SerializeToElement(new { text = question }), null, null), Token);
        var id = (await started.Content.ReadFromJsonAsync<RunResponse>(Token))?.Id;
        var run = await UntilAsync(client, $"{Base}/runs/{id}", answer => State(answer) is "succeeded" or "failed");

        State(run).ShouldBe("succeeded", run.GetRawText());
        run.GetProperty("usage").GetProperty("promptTokens").GetInt64().ShouldBeGreaterThan(0);
        var text = run.GetProperty("output").GetProperty("text").GetString() ?? "";
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        var passages = run.GetProperty("output").GetProperty("passages").EnumerateArray().ToList();
        var cited = Regex.Matches(text, @"\[(\d+)\]").Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).ToList();
        cited.ShouldNotBeEmpty(text);
        cited.ShouldAllBe(number => number >= 1 && number <= passages.Count);
        foreach (var passage in passages)
        {
            var (start, end) = (passage.GetProperty("start").GetInt32(), passage.GetProperty("end").GetInt32());
            var part = await client.GetFromJsonAsync<DocumentText>(
                $"{Base}/knowledge-bases/aifactory/documents/{passage.GetProperty("documentId").GetString()}/text?start={start}&length={end - start}", Token);
            part.ShouldNotBeNull().Text.ShouldBe(passage.GetProperty("text").GetString());
        }

        await client.DeleteAsync($"{Base}/flows/{name}", Token);
    }

    private static string? State(JsonElement of) => of.GetProperty("state").GetString();

    private static async Task<JsonElement> UntilAsync(HttpClient client, string path, Func<JsonElement, bool> wanted)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Token);
            var text = await response.Content.ReadAsStringAsync(Token);
            if (response.IsSuccessStatusCode && JsonSerializer.Deserialize<JsonElement>(text) is var answer && wanted(answer))
            {
                return answer;
            }

            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Patience, $"{path} never was as wanted: {text}");
            await Task.Delay(100, Token);
        }
    }
}
