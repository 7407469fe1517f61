using System.Net;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Limits;

/// <summary>What the ledger knows of limits: who is told how they stand, and when it is forgotten.</summary>
public sealed class LimitStateTests(PostgresFixture postgres)
{
    [Fact]
    public async Task How_limits_stand_is_told_to_those_whom_they_concern()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker)
            .Limited(LimitScopes.Project, LimitMeasures.Cost, LimitPeriods.Month, 0.01m, name: "budget")
            .Limited(LimitScopes.Key, LimitMeasures.Tokens, LimitPeriods.Day, 10_000, name: "tokens")
            .Limited(LimitScopes.Factory, LimitMeasures.Concurrency, null, 4, name: "all");
        await using var gateway = await GatewayUnderTest.StartAsync(plan, new ManualTimeProvider(), [ledger.Setting, ("Pricing:Models:0:Model", "demo-chat"), ("Pricing:Models:0:Output", "10")]);
        (await LeaseTests.AskAsync(gateway)).ShouldBe(HttpStatusCode.OK);
        await ledger.SpentAsync(20 + 11);

        var project = (await StatesAsync(Plan.DeveloperKey)).ToDictionary(state => state.GetProperty("name").GetString() ?? "");
        project.Keys.ShouldBe(["budget", "tokens"], ignoreOrder: true);
        var budget = project["budget"];
        (Number(budget, "amount"), Number(budget, "used"), Number(budget, "reserved")).ShouldBe((0.01m, 0.00002m, 0));
        Number(budget, "remaining").ShouldBe(0.01m - 0.00002m - Number(budget, "leased"));
        budget.GetProperty("resetsAt").GetDateTimeOffset().Day.ShouldBe(1);
        (project["tokens"].GetProperty("owner").GetString(), Number(project["tokens"], "used")).ShouldBe((plan.Keys[1].Id.ToString(), 11));
        (await StatesAsync(Plan.AdminKey)).Count.ShouldBe(3);
        (await StatesAsync(Plan.OtherKey)).ShouldBeEmpty();
        using var nobody = await gateway.GetAsync("/api/limits", key: null);
        nobody.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        async Task<List<JsonElement>> StatesAsync(string key)
        {
            using var answer = await gateway.GetAsync("/api/limits", key);
            return [.. JsonDocument.Parse(await GatewayUnderTest.TextAsync(answer)).RootElement.GetProperty("items").EnumerateArray()];
        }

        static decimal Number(JsonElement state, string name) => state.GetProperty(name).GetDecimal();
    }

    /// <summary>Money counts in millionths: of one list of those that used most, limits of requests fell out, and stood there as unused.</summary>
    [Fact]
    public async Task However_many_owners_one_limit_has_how_the_others_stand_is_told()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker).Limited(LimitScopes.Key, LimitMeasures.Cost, LimitPeriods.Total, 1000, name: "money").Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Total, 10, name: "requests");
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ledger.Setting);
        (await LeaseTests.AskAsync(gateway)).ShouldBe(HttpStatusCode.OK);
        await ledger.SpentAsync(1);
        await ledger.FillAsync(plan.Limits![0].Id, 600); // Limited made it

        using var answer = await gateway.GetAsync("/api/limits");
        var states = JsonDocument.Parse(await GatewayUnderTest.TextAsync(answer)).RootElement.GetProperty("items").EnumerateArray().ToLookup(state => state.GetProperty("name").GetString());
        states["requests"].Single().GetProperty("used").GetDecimal().ShouldBe(1);
        states["money"].Count().ShouldBe(50);
    }

    /// <summary>They stayed in the database for ever, and the gateways held what they were granted of them.</summary>
    [Fact]
    public async Task What_counted_for_a_limit_or_a_key_that_is_gone_is_forgotten_and_by_no_gateway_that_may_be_behind()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Of(Plan.Deployment("demo-chat", "default", "chat", "factory", worker))
            .Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Total, 10, name: "stays").Limited(LimitScopes.Factory, LimitMeasures.Requests, LimitPeriods.Total, 10, name: "goes");
        plan = plan with { Limits = [plan.Limits![0] with { Project = null, Scope = LimitScopes.Key }, plan.Limits[1]] }; // Limited made them
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ledger.Setting);
        (await LeaseTests.AskAsync(gateway)).ShouldBe(HttpStatusCode.OK);
        (await LeaseTests.AskAsync(gateway, key: Plan.OtherKey)).ShouldBe(HttpStatusCode.OK);
        await ledger.SpentAsync(4);
        var (store, tallies) = (gateway.Services.GetRequiredService<LeaseStore>(), gateway.Services.GetRequiredService<Tallies>());
        tallies.All.Count().ShouldBe(3);

        // 1. The gateway does not hold any more what nobody can use: of the limit that goes, and of the other's key.
        await gateway.PublishAsync(plan with { Version = 2, Limits = [plan.Limits[0]], Keys = [.. plan.Keys.Take(3)] });
        await GatewayUnderTest.UntilAsync(() => tallies.All.Count() == 1);

        // 2. A snapshot that may be older than what is counted says nothing of it.
        var mine = $"key:{plan.Keys[1].Id}";
        (await store.ForgetAsync([], [], DateTimeOffset.UnixEpoch, TimeSpan.Zero, TestContext.Current.CancellationToken)).ShouldBe(0);
        (await store.ForgetAsync([plan.Limits[0].Id], [mine], DateTimeOffset.MaxValue.AddYears(-1), TimeSpan.FromHours(1), TestContext.Current.CancellationToken)).ShouldBe(2);
        await ledger.SpentAsync(1);
        (await store.ForgetAsync([plan.Limits[0].Id], [mine], DateTimeOffset.MaxValue.AddYears(-1), TimeSpan.FromHours(1), TestContext.Current.CancellationToken)).ShouldBe(0);
    }
}
