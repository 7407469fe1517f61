using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Secrets;

/// <summary>Tools that were kept before secrets in them were refused.</summary>
public sealed class OldToolTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Who may change tools read the secrets of all of them.</summary>
    [Theory]
    [InlineData("https://a.example/", """{"Authorization":"Bearer abc","accept":"text/plain"}""", "https://a.example/", "***")]
    [InlineData("https://a.example/?api_key=abc", """{"accept":"text/plain"}""", "***", null)]
    [InlineData("https://ada:abc@a.example/", """{"accept":"text/plain"}""", "***", null)]
    public async Task A_secret_in_an_old_tool_is_shown_to_nobody(string url, string headers, string shownUrl, string? shownHeader)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        using var viewer = builder.Client("user:bob", "default", Roles.Viewer);
        await builder.Services.GetRequiredService<Database>().ExecuteAsync(
            """
            insert into tools (project, name, description, parameters, kind, method, url, headers, timeout_seconds, created_by, created_at, updated_at)
            values ('default', 'old', '', '{"type":"object"}', 'http', 'GET', @url, @headers::jsonb, 5, 'user:ada', now(), now())
            """,
            new { url, headers },
            Token);

        var tool = await client.GetAsync<ToolResponse>($"{Base.Base}/tools/old");
        var listed = (await client.GetAsync<Page<ToolResponse>>($"{Base.Base}/tools")).Items.ShouldHaveSingleItem();
        var viewed = await viewer.GetAsync<ToolResponse>($"{Base.Base}/tools/old");

        tool.Url.ShouldBe(shownUrl);
        tool.Headers["accept"].ShouldBe("text/plain", "what is no secret is shown to who may change it");
        tool.Headers.GetValueOrDefault("Authorization").ShouldBe(shownHeader);
        new[] { tool, listed, viewed }.ShouldAllBe(each => !JsonSerializer.Serialize(each, JsonSerializerOptions.Web).Contains("abc"));

        // What is shown in a secret's place is no value to be kept.
        using var again = await client.PutAsync(new Uri($"{Base.Base}/tools/old", UriKind.Relative), System.Net.Http.Json.JsonContent.Create(
            new ToolRequest(null, null, null, null, "GET", tool.Url, new Dictionary<string, string>(tool.Headers), null)), Token);
        ((int)again.StatusCode).ShouldBe(400);
    }
}
