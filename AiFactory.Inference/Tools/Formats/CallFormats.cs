namespace AiFactory.Inference.Tools.Formats;

/// <summary>The ways to write calls that are known, found by what a model's own template has in it.</summary>
internal static class CallFormats
{
    private const string Id = "(ws \",\" ws \"\\\"id\\\"\" \":\" ws any-string)?";
    private const string ToolCallId = "(\"\\\"tool_call_id\\\"\" \":\" ws any-string ws \",\" ws)?";

    public static readonly CallFormat Hermes = new ObjectFormat { Begin = "<tool_call>", End = "</tool_call>", Ends = ["</tool_call>"], OpensObject = true };

    public static readonly CallFormat Llama = new ObjectFormat { Begin = "<|python_tag|>", IsBare = true, ArgumentsKey = "parameters" };

    public static readonly CallFormat MistralList = new ObjectFormat { Begin = "[TOOL_CALLS]", IsList = true, Next = ",", Ends = ["]"], Tail = Id, IdLength = 9 };

    public static readonly CallFormat MistralNamed = new SeparatedFormat { IdLength = 9, Begin = "[TOOL_CALLS]", Separator = "[ARGS]", Id = ("[CALL_ID]", "\"[CALL_ID]\" [A-Za-z0-9]{1,32}") };

    public static readonly CallFormat Qwen3Coder = new TagFormat
    {
        Begin = "<tool_call>",
        End = "</tool_call>",
        Ends = ["</tool_call>"],
        Tags = new CallTags("<function=", ">", "<parameter=", "", ">", "</parameter>", "</function>"),
    };

    public static readonly CallFormat SeedOss = new TagFormat
    {
        Begin = "<seed:tool_call>",
        End = "</seed:tool_call>",
        Ends = ["</seed:tool_call>"],
        Tags = new CallTags("<function=", ">", "<parameter=", "", ">", "</parameter>", "</function>"),
    };

    public static readonly CallFormat Glm = new TagFormat { Begin = "<tool_call>", Tags = new CallTags("", "", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>", "</tool_call>") };

    public static readonly CallFormat DeepSeekR1 = new SeparatedFormat
    {
        Outer = "<｜tool▁calls▁begin｜>",
        Begin = "<｜tool▁call▁begin｜>",
        Prefix = "function<｜tool▁sep｜>",
        Separator = "\n```json\n",
        Suffix = "```<｜tool▁call▁end｜>",
        Ends = ["<｜tool▁calls▁end｜>"],
    };

    /// <summary>A message to a function, and the last of an answer (https://cookbook.openai.com/articles/openai-harmony): its recipient stands before the channel or behind.</summary>
    public static readonly CallFormat Harmony = new SeparatedFormat
    {
        Outer = "<|channel|>commentary",
        Begin = "to=functions.",
        Separator = "<|message|>",
        Id = ("<|constrain|>", "\"<|channel|>commentary\"? \" \"? \"<|constrain|>\"? \"json\"?"),
        Ends = ["<|call|>"],
        Opened = "<|channel|>commentary to=functions.",
    };

    public static readonly CallFormat Kimi = new SeparatedFormat
    {
        Outer = "<|tool_calls_section_begin|>",
        Begin = "<|tool_call_begin|>",
        Prefix = "functions.",
        Separator = "<|tool_call_argument_begin|>",
        Id = (":", "\":\" [0-9]{1,4}"),
        Suffix = "<|tool_call_end|>",
        Ends = ["<|tool_calls_section_end|>"],
    };

    public static readonly CallFormat Functionary = new SeparatedFormat { Begin = "<function=", Separator = ">", Suffix = "</function>" };

    public static readonly CallFormat CommandR7B = new ObjectFormat
    {
        Begin = "<|START_ACTION|>",
        IsList = true,
        Next = ",",
        End = "<|END_ACTION|>",
        Ends = ["]", "<|END_ACTION|>"],
        NameKey = "tool_name",
        ArgumentsKey = "parameters",
        Head = ToolCallId,
    };

    public static readonly CallFormat CommandRPlus = new ObjectFormat
    {
        Begin = "Action:\n```json",
        IsList = true,
        Next = ",",
        End = "```",
        Ends = ["]", "```"],
        NameKey = "tool_name",
        ArgumentsKey = "parameters",
    };

    public static readonly CallFormat Nemotron = new ObjectFormat { Begin = "<TOOLCALL>", IsList = true, Next = ",", End = "</TOOLCALL>", Ends = ["]", "</TOOLCALL>"] };

    public static readonly CallFormat MiniMaxM2 = new TagFormat
    {
        Outer = "<minimax:tool_call>",
        Begin = "<invoke name=\"",
        Ends = ["</minimax:tool_call>"],
        Tags = new CallTags("", "\">", "<parameter name=\"", "", "\">", "</parameter>", "</invoke>"),
    };

    public static readonly CallFormat Apriel = new ObjectFormat { Begin = "<tool_calls>", IsList = true, Next = ",", End = "</tool_calls>", Ends = ["]", "</tool_calls>"], Tail = Id };

    /// <summary>The first whose texts the template has, and none of those behind.</summary>
    private static readonly (CallFormat Format, string[] Has, string[] HasNot)[] Known =
    [
        (SeedOss, ["<seed:tool_call>", "<function=", "<parameter="], []),
        (Qwen3Coder, ["<tool_call>", "<function=", "<parameter="], []),
        (Glm, ["<tool_call>", "<arg_key>"], []),
        (Functionary, ["<function=", "</function>"], ["<tool_call>", "<parameter=", "<|channel|>"]),
        (MistralNamed, ["[TOOL_CALLS]", "[ARGS]"], []),
        (MistralList, ["[TOOL_CALLS]"], []),
        (DeepSeekR1, ["<｜tool▁call▁begin｜>", "```json"], []),
        (Harmony, ["<|channel|>commentary", "assistant to="], []),
        (MiniMaxM2, ["<minimax:tool_call>", "<invoke name="], []),
        (CommandRPlus, ["Action:", "```json", "\"tool_name\""], ["<|START_ACTION|>"]),
        (Nemotron, ["<TOOLCALL>["], []),
        (Kimi, ["<|tool_call_begin|>", "<|tool_call_argument_begin|>"], []),
        (CommandR7B, ["<|START_ACTION|>", "tool_name"], []),
        (Apriel, ["<tool_calls>["], []),
        (Hermes, ["<tool_call>"], ["<function=", "<invoke", "<arg_key>"]),
        (Llama, ["<|start_header_id|>", "\"parameters\": "], []),
    ];

    /// <returns>Null when the template shows no way that is known.</returns>
    public static CallFormat? Find(string template) => Known.FirstOrDefault(known =>
        known.Has.All(text => template.Contains(text, StringComparison.Ordinal)) && !known.HasNot.Any(text => template.Contains(text, StringComparison.Ordinal))).Format;
}
