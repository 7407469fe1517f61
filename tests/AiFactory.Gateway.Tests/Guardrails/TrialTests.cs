using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Guardrails;

public sealed class TrialTests
{
    private static readonly GuardrailRule NoMail = new() { Name = "no-mail", Kind = "pii", Action = "mask", Entities = ["email"] };
    private static readonly GuardrailRule Rivals = new() { Name = "rivals", Kind = "words", Action = "flag", Words = ["Acme"] };
    private static readonly GuardrailRule NoCards = new() { Name = "no-cards", Kind = "pii", Action = "block", AppliesTo = "output", Entities = ["credit-card"] };

    [Fact]
    public async Task Who_writes_rules_sees_what_they_would_do()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker) with { Guardrails = [new GuardrailRoute("default", null, 1, [NoMail, Rivals]), new GuardrailRoute("default", "demo-chat", 1, [NoCards])] });

        (await TryAsync(gateway, """{"text":"Acme: a@b.org"}""")).ShouldBe("""200 {"outcome":"masked","text":"Acme: [EMAIL]","found":["mask:no-mail","flag:rivals"],"message":null}""");
        (await TryAsync(gateway, """{"text":"fine"}""")).ShouldBe("""200 {"outcome":"passed","text":"fine","found":[],"message":null}""");
        (await TryAsync(gateway, """{"text":"4111 1111 1111 1111","appliesTo":"output"}""")).ShouldStartWith("""200 {"outcome":"passed",""");
        (await TryAsync(gateway, """{"text":"4111 1111 1111 1111","appliesTo":"output","deployment":"demo-chat"}""")).ShouldStartWith("""200 {"outcome":"blocked","text":null,"found":["block:no-cards"],"message":"The model""");
        (await TryAsync(gateway, """{"text":"a zebra@b.org","rules":[{"name":"draft","kind":"words","action":"mask","words":["zebra"]}]}""", Plan.AdminKey)).ShouldStartWith("""200 {"outcome":"masked","text":"a [DRAFT]@b.org",""");
        (await TryAsync(gateway, """{"text":"x","rules":[{"name":"draft","kind":"pattern","action":"mask","pattern":"a+"}]}""", Plan.AdminKey)).ShouldSatisfyAllConditions(
            answer => answer.ShouldStartWith("400"), answer => answer.ShouldContain("rules[0].pattern"));
        (await TryAsync(gateway, """{"text":"x","rules":[]}""")).ShouldStartWith("403", customMessage: "rules of one's own are for who may write them");
        (await TryAsync(gateway, """{"text":"","appliesTo":"both"}""")).ShouldSatisfyAllConditions(answer => answer.ShouldContain("\"text\""), answer => answer.ShouldContain("\"appliesTo\""));
        (await TryAsync(gateway, """{"text":"x","deployment":"none"}""")).ShouldStartWith("404");
        (await TryAsync(gateway, """{"text":"x","project":"default"}""", Plan.OtherKey)).ShouldStartWith("403");
        (await TryAsync(gateway, """{"text":"a@b.org"}""", Plan.OtherKey)).ShouldStartWith("""200 {"outcome":"passed",""");
        worker.Seen.ShouldBeEmpty();
    }

    /// <summary>Reading rules can take longer than looking at a text with them.</summary>
    [Fact]
    public async Task Rules_to_try_are_read_when_it_is_their_turn()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Guardrails:Wait", "00:00:00.010"));
        var texts = gateway.Services.GetRequiredService<LongTexts>();
        const string body = """{"text":"1","appliesTo":"output","rules":[{"name":"form","kind":"schema","action":"block","appliesTo":"output","schema":{"type":"shoe"}}]}""";
        var busy = 0;
        for (; busy < Math.Max(1, Environment.ProcessorCount / 4); busy++)
        {
            (await texts.EnterModerationAsync($"project {busy}", TestContext.Current.CancellationToken)).ShouldBeTrue();
        }

        (await TryAsync(gateway, body, Plan.AdminKey)).ShouldStartWith("429");
        while (busy > 0)
        {
            texts.LeaveModeration($"project {--busy}");
        }

        (await TryAsync(gateway, body, Plan.AdminKey)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("400"), answer => answer.ShouldContain("rules[0].schema"));
        (await TryAsync(gateway, body.Replace("shoe", "string", StringComparison.Ordinal), Plan.AdminKey)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("200"), answer => answer.ShouldContain("$ is no string"));
        (await TryAsync(gateway, body.Replace("shoe", "integer", StringComparison.Ordinal), Plan.AdminKey)).ShouldStartWith("""200 {"outcome":"passed",""");
    }

    private static async Task<string> TryAsync(GatewayUnderTest gateway, string body, string key = Plan.DeveloperKey)
    {
        using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/guardrails/try", key, body));
        var text = await GatewayUnderTest.TextAsync(response);
        return $"{(int)response.StatusCode} {text}";
    }
}
