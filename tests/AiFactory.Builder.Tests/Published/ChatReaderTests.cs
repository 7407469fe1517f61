using System.Text.Json;
using AiFactory.Builder.Published;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Tests.Published;

public sealed class ChatReaderTests
{
    [Fact]
    public void The_last_message_is_the_question_and_those_before_are_the_history()
    {
        ChatReader.Read(
            Request("""{"messages":[{"role":"system","content":"be rude"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":[{"type":"text","text":"c"},{"type":"text","text":"d"}]}]}"""),
            out var question,
            out var history).ShouldBeNull();

        question.ShouldBe("cd");
        history.ShouldBe([new FlowMessage("user", "a"), new FlowMessage("assistant", "b")]);
    }

    [Theory]
    [InlineData("{}", "messages")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", "messages[0].content")]
    [InlineData("""{"n":2,"messages":[{"role":"user","content":"a"}]}""", "n")]
    [InlineData("""{"tools":[{"type":"function"}],"messages":[{"role":"user","content":"a"}]}""", "tools")]
    public void What_a_flow_cannot_answer_is_refused_by_name(string body, string param) =>
        ChatReader.Read(Request(body), out _, out _).ShouldNotBeNull().Body.Param.ShouldBe(param);

    [Theory]
    [InlineData("flow/support", "support")]
    [InlineData("demo-chat", null)]
    [InlineData(null, null)]
    public void An_alias_stands_behind_flow(string? model, string? alias) => ChatReader.Alias(model).ShouldBe(alias);

    private static ChatCompletionRequest Request(string json) => JsonSerializer.Deserialize(json, OpenAIJson.Default.ChatCompletionRequest)!; // an object
}
