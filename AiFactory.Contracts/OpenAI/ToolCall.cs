namespace AiFactory.Contracts.OpenAI;

/// <summary>A model's call of a tool: <c>{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}}</c>.</summary>
/// <param name="Id">What the tool's result names as its <c>tool_call_id</c>.</param>
/// <param name="Type"><c>function</c>.</param>
public sealed record ToolCall(string Id, string Type, ToolCallFunction Function);
