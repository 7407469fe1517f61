using System.Text.Json;
using AiFactory.Inference.Responses;

namespace AiFactory.Inference.Tests.Responses;

public sealed class ResponsesInputReaderTests
{
    [Fact]
    public void A_turn_of_thousands_of_calls_is_one_message_and_is_written_once()
    {
        var request = Request("""{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}""", 4096);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ResponsesInputReader.Read(request, out var messages).ShouldBeNull();

        // Written anew for each call it were gigabytes.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64L << 20);
        messages.ShouldHaveSingleItem().ToolCalls.ShouldNotBeNull().GetArrayLength().ShouldBe(4096);
    }

    /// <summary>The type stood in the function too: templates that print the tools showed it to the model.</summary>
    [Fact]
    public void Tools_are_those_that_a_chat_shows()
    {
        var request = JsonSerializer.Deserialize(
            """{"model":"m","input":"x","tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"string"}}},"strict":true},{"type":"function","name":"g"}]}""",
            ResponsesJson.Default.ResponsesRequest).ShouldNotBeNull();

        ResponsesRequestReader.Read(request, out var chat).ShouldBeNull();

        chat.Tools.ShouldNotBeNull().GetRawText().ShouldBe(
            """[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"string"}}},"strict":true}},{"type":"function","function":{"name":"g"}}]""");
    }

    [Fact]
    public void More_items_than_one_request_may_have_are_refused_by_name()
    {
        var refusal = ResponsesInputReader.Read(Request("""{"role":"user","content":"x"}""", 4097), out _).ShouldNotBeNull();
        (refusal.Status, refusal.Body.Param).ShouldBe((400, "input"));
        refusal.Body.Message.ShouldContain("4097");
    }

    private static ResponsesRequest Request(string item, int count)
    {
        using var document = JsonDocument.Parse($"[{string.Join(',', Enumerable.Repeat(item, count))}]");
        return new ResponsesRequest { Input = document.RootElement.Clone() };
    }
}
