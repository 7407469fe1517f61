using System.Text.Json;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Contracts.Library;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>A project's worth of things to look at, made through the API and gone again afterwards.</summary>
internal sealed class ReadingRoom(LibraryClient client) : IAsyncDisposable
{
    public const string Name = "reading-room";
    public const string BrokenFlow = "parcel-status";
    public const string Agent = "librarian";
    public const string Question = "When does the reading room open?";

    private const string Builder = "api/builder/projects/default";

    private static readonly (string Name, string Text)[] Documents =
    [
        ("opening-hours.md", "# The reading room\n\nThe reading room opens at 09:30 on Monday. Members may borrow six books at a time."),
        ("loans.md", "# Loans\n\nA loan lasts four weeks. It is renewed once, unless somebody else waits for the book."),
        ("parcels.txt", "Parcels are handed out at the north gate until 17:15. Whoever fetches one shows the card of the house."),
        ("scan-1987.pdf", "not a PDF at all"),
    ];

    private readonly List<string> _made = [];

    public Guid Run { get; private set; }

    public Guid FailedRun { get; private set; }

    public Guid Thread { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="session">Signed in: a thread is seen by who began it, and by nobody else.</param>
    public async Task MakeAsync(IPage session)
    {
        await MakeKnowledgeAsync();
        await MakeFlowsAsync();
        await MakeAgentAsync();
        var key = await client.PostAsync<ApiKeyCreated>(LibraryClient.Project("/keys"), new ApiKeyRequest("reading-room-kiosk", ["developer"], false, null));
        _made.Add(LibraryClient.Project($"/keys/{key.Key.Id}"));
        await MakeThreadAsync(session);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var path in Enumerable.Reverse(_made))
        {
            using var response = await client.Http.DeleteAsync(new Uri(path, UriKind.Relative), CancellationToken.None);
        }
    }

    private async Task MakeKnowledgeAsync()
    {
        var path = $"{Builder}/knowledge-bases";
        await AddAsync<KnowledgeBaseResponse>(path, Name, new KnowledgeBaseRequest(Name, "Opening hours, loans and parcels.", null, null, null));
        foreach (var (name, text) in Documents)
        {
            using var content = new StringContent(text);
            using var response = await client.Http.PostAsync(new Uri($"{path}/{Name}/documents?name={name}", UriKind.Relative), content, Token);
            response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync(Token));
        }

        await client.WaitAsync<Page<DocumentResponse>>(
            $"{path}/{Name}/documents", page => page.Items.All(document => document.State is DocumentStates.Ready or DocumentStates.Failed));
    }

    /// <summary>One that answers, is published and has a second revision; and one whose call is refused.</summary>
    private async Task MakeFlowsAsync()
    {
        var flow = await AddAsync<FlowResponse>($"{Builder}/flows", Name, new FlowRequest(Name, "What visitors ask at the desk.", "chat-over-documents", Name, "demo-chat"));
        var graph = flow.Graph.ShouldNotBeNull();
        await client.PostAsync<PublishedFlow>($"{Builder}/flows/{Name}/publish", new PublishRequest(Name, null));
        await SaveAsync(Name, new(flow.Revision, graph with { Nodes = [.. graph.Nodes.Select(node => node.Id == "answer" ? node with { Title = "Answer the visitor" } : node)] }));
        Run = await RunAsync(Name, Question, RunStates.Succeeded);

        var broken = await AddAsync<FlowResponse>($"{Builder}/flows", BrokenFlow, new FlowRequest(BrokenFlow, "Asks the carrier.", null, null, null));
        await SaveAsync(BrokenFlow, new(broken.Revision, new(
            [
                new("input", "input", "Parcel", 0, 0, null),
                new("carrier", "http", "Ask the carrier", 280, 0, new Dictionary<string, JsonElement> { ["url"] = JsonSerializer.SerializeToElement("http://127.0.0.1:9/parcels/{{text}}") }),
                new("output", "output", "Status", 560, 0, null),
            ],
            [new("a", "input", "text", "carrier", "in"), new("b", "carrier", "text", "output", "text")])));
        FailedRun = await RunAsync(BrokenFlow, "4711", RunStates.Failed);
    }

    private async Task SaveAsync(string flow, GraphRequest graph)
    {
        using var content = new StringContent(JsonSerializer.Serialize(graph, JsonSerializerOptions.Web), null, "application/json");
        using var response = await client.Http.PutAsync(new Uri($"{Builder}/flows/{flow}/graph", UriKind.Relative), content, Token);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync(Token));
    }

    private async Task<Guid> RunAsync(string flow, string text, string state)
    {
        var run = await client.PostAsync<RunResponse>($"{Builder}/flows/{flow}/runs", new RunRequest(JsonSerializer.SerializeToElement(new { text }), null, null));
        await client.WaitAsync<RunResponse>($"{Builder}/runs/{run.Id}", now => now.State == state);
        return run.Id;
    }

    private async Task MakeAgentAsync()
    {
        var parameters = JsonSerializer.SerializeToElement(new { type = "object", properties = new { number = new { type = "string" } }, required = (string[])["number"] });
        await AddAsync<ToolResponse>($"{Builder}/tools", "parcel", new ToolRequest("parcel", "Where a parcel is.", parameters, "http", "GET", "https://carrier.example/parcels/{number}", null, null));
        await AddAsync<RulesetResponse>($"{Builder}/rulesets", "house-style", new RulesetRequest("house-style", ["Answer in one sentence.", "Never promise a delivery date."], [new(RulesetCheckKinds.ForbiddenWords, "guarantee, for sure")]));
        await AddAsync<AgentResponse>(
            $"{Builder}/agents", Agent, new AgentRequest(Agent, "Answers at the desk.", "demo-chat", "You work in a reading room.", ["house-style"], ["parcel"], [Name], null, null));
    }

    private async Task MakeThreadAsync(IPage session)
    {
        var created = await SendAsync(session, $"{Builder}/threads", new ThreadRequest(null, $"flow:{Name}"));
        Thread = JsonSerializer.Deserialize<ThreadResponse>(created, JsonSerializerOptions.Web).ShouldNotBeNull().Id;
        (await SendAsync(session, $"{Builder}/threads/{Thread}/messages", new ThreadMessageRequest(Question))).ShouldContain(ThreadEvents.Done);
    }

    private async Task<string> SendAsync(IPage session, string path, object body)
    {
        var response = await session.APIRequest.PostAsync(new Uri(client.Http.BaseAddress!, path).ToString(), new() // the factory's clients have an address
        {
            Headers = new Dictionary<string, string> { ["x-aifactory-console"] = "1", ["content-type"] = "application/json" },
            Data = JsonSerializer.Serialize(body, JsonSerializerOptions.Web),
            Timeout = 120_000,
        });
        var text = await response.TextAsync();
        response.Ok.ShouldBeTrue(text);
        return text;
    }

    private async Task<T> AddAsync<T>(string path, string name, object body)
    {
        var made = await client.PostAsync<T>(path, body);
        _made.Add($"{path}/{name}");
        return made;
    }
}
