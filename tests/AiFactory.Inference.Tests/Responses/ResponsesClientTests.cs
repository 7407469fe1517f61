#pragma warning disable OPENAI001 // The client's own word for: its surface may change.
using System.ClientModel;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Tools;
using AiFactory.Inference.Tests.Worker;
using OpenAI.Responses;

namespace AiFactory.Inference.Tests.Responses;

/// <summary>The official client is the judge of the protocol.</summary>
[Collection(SharedWorker.Name)]
public sealed class ResponsesClientTests(WorkerFixture fixture)
{
    private const string Answer = "I look.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Oslo\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"get_time\", \"arguments\": {}}\n</tool_call>";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_reads_a_response()
    {
        ResponseResult response = await Worker().CreateResponseAsync(
            new CreateResponseOptions("endless", [ResponseItem.CreateUserMessageItem("Hello")]) { MaxOutputTokenCount = 6, Temperature = 0, Instructions = "Be brief." }, Token);
        response.GetOutputText().ShouldNotBeEmpty();
        response.Status.ShouldBe(ResponseStatus.Incomplete);
        response.Usage.OutputTokenCount.ShouldBe(6);
        response.Model.ShouldBe("endless");
    }

    [Fact]
    public async Task It_reads_a_stream()
    {
        var text = "";
        ResponseResult? last = null;
        await foreach (var update in await Worker().CreateResponseStreamingAsync(
            new CreateResponseOptions("endless", [ResponseItem.CreateUserMessageItem("Hello")]) { MaxOutputTokenCount = 6, Temperature = 0, StreamingEnabled = true }, Token))
        {
            text += update is StreamingResponseOutputTextDeltaUpdate delta ? delta.Delta : "";
            last = update is StreamingResponseIncompleteUpdate end ? end.Response : last;
        }

        text.ShouldNotBeEmpty();
        last.ShouldNotBeNull().GetOutputText().ShouldBe(text);
        last.Usage.OutputTokenCount.ShouldBe(6);
    }

    [Fact]
    public async Task It_reads_our_errors()
    {
        var error = await Should.ThrowAsync<ClientResultException>(async () => await Worker().CreateResponseAsync("endless", "Hello", "resp_1", Token));
        error.Status.ShouldBe(400);
        error.Message.ShouldContain("previous_response_id");
    }

    [Fact]
    public async Task It_reads_calls_of_functions_beside_text()
    {
        await using var scripted = await ScriptedChat.StartAsync(Answer);
        ResponseResult response = await Client(scripted.Address).CreateResponseAsync(new CreateResponseOptions("scripted", [ResponseItem.CreateUserMessageItem("x")]), Token);
        response.Status.ShouldBe(ResponseStatus.Completed);
        response.GetOutputText().ShouldStartWith("I look.");
        var calls = response.OutputItems.OfType<FunctionCallResponseItem>().ToList();
        calls.Select(call => call.FunctionName).ShouldBe(["get_weather", "get_time"]);
        calls[0].FunctionArguments.ToString().ShouldBe("""{"city": "Oslo"}""");
        calls.Select(call => call.CallId).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task It_reads_calls_of_functions_from_a_stream()
    {
        await using var scripted = await ScriptedChat.StartAsync(Answer);
        var arguments = "";
        var done = new List<ResponseItem>();
        ResponseResult? last = null;
        await foreach (var update in await Client(scripted.Address).CreateResponseStreamingAsync(
            new CreateResponseOptions("scripted", [ResponseItem.CreateUserMessageItem("x")]) { StreamingEnabled = true }, Token))
        {
            arguments += update is StreamingResponseFunctionCallArgumentsDeltaUpdate { OutputIndex: 1 } delta ? delta.Delta.ToString() : "";
            last = update is StreamingResponseCompletedUpdate end ? end.Response : last;
            if (update is StreamingResponseOutputItemDoneUpdate item)
            {
                done.Add(item.Item);
            }
        }

        arguments.ShouldBe("""{"city": "Oslo"}""");
        last.ShouldNotBeNull().OutputItems.OfType<FunctionCallResponseItem>().Select(call => call.FunctionName).ShouldBe(["get_weather", "get_time"]);
        done.Select(item => item.Id).ShouldBe(last.OutputItems.Select(item => item.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_breaks_off_is_none_that_is_completed(bool stream)
    {
        await using var scripted = await ScriptedChat.StartAsync("""<tool_call>{"name": "f", "arguments": {"a": """, finishReason: FinishReasons.Length);
        var client = Client(scripted.Address);
        var options = new CreateResponseOptions("scripted", [ResponseItem.CreateUserMessageItem("x")]);
        ResponseResult? response = stream ? null : await client.CreateResponseAsync(options, Token);
        if (stream)
        {
            options.StreamingEnabled = true;
            await foreach (var update in await client.CreateResponseStreamingAsync(options, Token))
            {
                response = update is StreamingResponseIncompleteUpdate end ? end.Response : response;
            }
        }

        response.ShouldNotBeNull().Status.ShouldBe(ResponseStatus.Incomplete);
        response.OutputItems.OfType<FunctionCallResponseItem>().ShouldAllBe(call => call.Status == FunctionCallStatus.Incomplete);
    }

    [Fact]
    public async Task A_call_that_is_broken_is_text_of_the_whole_answer()
    {
        const string Broken = """<tool_call>{"name": "f", "arguments": {"a": nothing}}</tool_call>""";
        await using var scripted = await ScriptedChat.StartAsync(Broken);
        ResponseResult response = await Client(scripted.Address).CreateResponseAsync(new CreateResponseOptions("scripted", [ResponseItem.CreateUserMessageItem("x")]), Token);
        response.Status.ShouldBe(ResponseStatus.Completed);
        response.OutputItems.OfType<FunctionCallResponseItem>().ShouldBeEmpty();
        response.GetOutputText().ShouldBe(Broken);
    }

    [Fact]
    public async Task A_call_that_is_broken_when_it_was_streamed_leaves_the_response_incomplete()
    {
        await using var scripted = await ScriptedChat.StartAsync("""<tool_call>{"name": "f", "arguments": {"a": nothing}}</tool_call>""");
        ResponseResult? last = null;
        await foreach (var update in await Client(scripted.Address).CreateResponseStreamingAsync(
            new CreateResponseOptions("scripted", [ResponseItem.CreateUserMessageItem("x")]) { StreamingEnabled = true }, Token))
        {
            last = update switch { StreamingResponseIncompleteUpdate end => end.Response, StreamingResponseCompletedUpdate end => end.Response, _ => last };
        }

        last.ShouldNotBeNull().Status.ShouldBe(ResponseStatus.Incomplete);
        last.OutputItems.OfType<FunctionCallResponseItem>().ShouldAllBe(call => call.Status == FunctionCallStatus.Incomplete);
    }

    private ResponsesClient Worker() => Client(new Uri(fixture.Worker.CreateClient().BaseAddress ?? throw new InvalidOperationException(), "/v1"));

    private static ResponsesClient Client(Uri address) => new(new ApiKeyCredential(WorkerProcess.IssueToken()), new ResponsesClientOptions { Endpoint = address });
}
