using System.Globalization;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.KServe;

/// <summary>The tensors that a model of each kind takes and gives. The names are those of Triton's back-ends for language models.</summary>
internal static class ModelTensors
{
    /// <summary>Texts: what a user says in a chat, or what is embedded.</summary>
    public const string Text = "text_input";

    /// <summary>Texts that the model goes on from, without a chat template.</summary>
    public const string Prompt = "prompt";

    /// <summary>Tokens in the place of a text, one row for each.</summary>
    public const string Tokens = "input_ids";

    /// <summary>What a ranker holds the texts against.</summary>
    public const string Query = "query";

    public const string Answer = "text_output";
    public const string FinishReason = "finish_reason";
    public const string Embedding = "embedding";
    public const string Relevance = "relevance_score";

    /// <summary>Numbers that may come as a tensor of one element, or under <c>parameters</c>.</summary>
    private static readonly (string Name, string Datatype)[] Numbers =
        [("max_tokens", "INT32"), ("seed", "INT64"), ("top_k", "INT32"), ("temperature", "FP32"), ("top_p", "FP32"), ("min_p", "FP32"), ("presence_penalty", "FP32"), ("frequency_penalty", "FP32"), ("repetition_penalty", "FP32")];

    public static bool IsNumber(string name) => Array.Exists(Numbers, number => number.Name == name);

    public static string[] Inputs(ServedModel model) => model.RerankPrompt is not null ? [Query, Text] : model.Generator is null ? [Text, Tokens] : [Text, Prompt, Tokens];

    public static string[] Outputs(ServedModel model) => model.RerankPrompt is not null ? [Relevance] : model.Generator is null ? [Embedding] : [Answer, FinishReason];

    public static ModelMetadata Describe(ServedModel model) => new(
        model.Assignment.Deployment,
        [model.Assignment.ModelVersion.ToString(CultureInfo.InvariantCulture)],
        "llama_cpp",
        [.. Inputs(model).Select(DescribeInput), .. model.Generator is null ? [] : Numbers.Select(number => new TensorMetadata(number.Name, number.Datatype, [1]))],
        model.RerankPrompt is not null ? [new(Relevance, "FP32", [-1])]
            : model.Embedder is { } embedder ? [new(Embedding, "FP32", [-1, embedder.EmbeddingLength])]
            : [new(Answer, "BYTES", [-1]), new(FinishReason, "BYTES", [-1])]);

    private static TensorMetadata DescribeInput(string name) => name == Tokens ? new(name, "INT32", [-1, -1]) : new(name, "BYTES", [name == Query ? 1 : -1]);
}
