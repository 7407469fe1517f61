using AiFactory.ModelGenerator.Gguf;
using AiFactory.ModelGenerator.Models;
using AiFactory.Testing;

[assembly: AssemblyFixture(typeof(AiFactory.Inference.Tests.GeneratedModels))]

namespace AiFactory.Inference.Tests;

/// <summary>The models of this test run, written once into a folder of its own.</summary>
public sealed class GeneratedModels : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-models-").FullName;

    public GeneratedModels()
    {
        Chat = Write("chat.gguf", ChatModel.Create(new ChatModelOptions()));
        EndlessBytes = Write("bytes.gguf", ChatModel.Create(new ChatModelOptions { Readable = false, EndOfTurnScale = 0.001f, Seed = 11 }));
        Endless = Write("endless.gguf", ChatModel.Create(new ChatModelOptions { EndOfTurnScale = 0.001f }));
        Lengthy = Write("long.gguf", ChatModel.Create(new ChatModelOptions { EndOfTurnScale = 0.001f, ContextLength = 65536 }));
        Qwen2 = Write("qwen2.gguf", ChatModel.Create(new ChatModelOptions { Architecture = "qwen2", Name = "demo-qwen2" }));
        Tools = Write("tools.gguf", ChatModel.Create(new ChatModelOptions { EndOfTurnScale = 0.001f, ChatTemplate = ShippedTemplate, Temperature = 0 }));
        Thinking = Write("thinking.gguf", ChatModel.Create(new ChatModelOptions { EndOfTurnScale = 0.001f, ChatTemplate = ThinkingTemplate, ToolTemplate = "With tools:" + ThinkingTemplate, FillsGaps = true, Temperature = 0 }));
        Experts = Write("experts.gguf", ChatModel.Create(new ChatModelOptions { Name = "demo-experts", Experts = 4, EndOfTurnScale = 0.001f }));
        Windowed = Write("windowed.gguf", ChatModel.Create(new ChatModelOptions { Architecture = "gemma2", Name = "demo-windowed", SlidingWindow = 16 }));
        Wide = Write("wide.gguf", ChatModel.Create(new ChatModelOptions { Layers = 1, Heads = 2, KeyValueHeads = 1 }));
        Quantised = Write("quantised.gguf", ChatModel.Create(new ChatModelOptions { Weights = GgufTensorType.Q80, EndOfTurnScale = 0.001f }));
        FirstToken = Write("first.gguf", EmbeddingModel.Create(new EmbeddingModelOptions { Pooling = 2 }));
        Ranker = Write("rank.gguf", EmbeddingModel.Create(RankerOptions));
        Embedding = Write("embed.gguf", EmbeddingModel.Create(new EmbeddingModelOptions()));
    }

    /// <summary>The chat template of the model that ships.</summary>
    internal static string ShippedTemplate { get; } = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "tools", "demo-models", "template.jinja"));

    /// <summary>As models that think have it: their thoughts are begun by the prompt, or ended where nobody wants any.</summary>
    internal const string ThinkingTemplate = """
        {%- for message in messages %}{{ '<|im_start|>' + message.role + '\n' + ('<think>' + message.reasoning_content + '</think>' if message.reasoning_content else '') + message.content + '<|im_end|>\n' }}{% endfor -%}
        {%- if tools %}{{ '<tool_call>' + (tools | tojson) }}{% endif -%}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' + ('<think>\n\n</think>\n\n' if enable_thinking is defined and enable_thinking is false else '<think>\n') }}{% endif -%}
        """;

    /// <summary>Thinks, unless it is told not to; never ends, has a second template for tools, and fills gaps.</summary>
    public string Thinking { get; }

    /// <summary>Chats, in tokens that make no sense.</summary>
    public string Chat { get; }

    /// <summary>Never ends its turn.</summary>
    public string Endless { get; }

    /// <summary>Never ends its turn, and has room for an answer of many seconds.</summary>
    public string Lengthy { get; }

    /// <summary>Never ends its turn, and speaks in single bytes, most of them parts of no character.</summary>
    public string EndlessBytes { get; }

    public string Qwen2 { get; }

    /// <summary>A mixture of four experts, of which each token uses two. Never ends its turn.</summary>
    public string Experts { get; }

    /// <summary>Every other layer looks back 16 tokens only.</summary>
    public string Windowed { get; }

    /// <summary>Heads of 64 numbers; in the others they have 32.</summary>
    public string Wide { get; }

    /// <summary>The weights of <see cref="Endless"/> in Q8_0.</summary>
    public string Quantised { get; }

    /// <summary>Never ends its turn, has the shipped template, which takes tools, and wants to be sampled at a temperature of 0.</summary>
    public string Tools { get; }

    /// <summary>An encoder with random weights: texts that share words come out near each other.</summary>
    public string Embedding { get; }

    /// <summary>A LoRA adapter for <see cref="Endless"/>, written anew.</summary>
    internal string WriteAdapter(string name, LoraAdapterOptions options) => Write(name, LoraAdapter.Create(new ChatModelOptions(), options));

    /// <summary>As <see cref="Ranker"/> without its head: what the head sees.</summary>
    public string FirstToken { get; }

    /// <summary>Ranks documents, by a head of random weights.</summary>
    public string Ranker { get; }

    internal static EmbeddingModelOptions RankerOptions { get; } = new() { Pooling = 4 };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Write(string name, GgufWriter model)
    {
        var path = Path.Combine(_directory, name);
        using var file = File.Create(path);
        model.WriteTo(file);
        return path;
    }
}
