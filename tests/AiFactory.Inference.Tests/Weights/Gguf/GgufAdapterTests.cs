using AiFactory.Inference.Tests.Worker;
using AiFactory.Inference.Weights.Gguf;
using AiFactory.ModelGenerator.Gguf;
using AiFactory.ModelGenerator.Models;
using static AiFactory.Inference.Tests.Weights.Gguf.AdapterFile;

namespace AiFactory.Inference.Tests.Weights.Gguf;

/// <summary>Hostile adapters: refused here, or harmless to llama.cpp, which runs in a process of its own that must outlive them all.</summary>
public sealed class GgufAdapterTests : IDisposable
{
    private const int Width = 32;
    private const int Wide = 64;
    private const int Experts = 4;
    private const string Query = "blk.0.attn_q.weight";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-adapters-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("dense", 900)]
    [InlineData("experts", 500)]
    public Task No_adapter_ends_the_process_or_holds_it_up(string kind, int count)
    {
        var options = Options(kind == "experts" ? Experts : 0);
        using var good = new MemoryStream();
        (kind == "experts" ? OfExperts() : LoraAdapter.Create(options, new LoraAdapterOptions { Rank = 4 })).WriteTo(good);
        return new FileFuzzer(_directory, $"adapter-{kind}", "adapters", WriteModel(options)).RunAsync(good.ToArray(), count);
    }

    [Fact]
    public async Task The_table_of_tokens_the_output_and_experts_can_be_adapted()
    {
        foreach (var (experts, adapter) in new[] { (0, OfTable()), (0, Of("llama", Pair("output.weight", [Width, 4], [4, Tokens()]))), (Experts, OfExperts()) })
        {
            using var probe = ProbeProcess.Start("adapters", WriteModel(Options(experts)));
            var path = Path.Combine(_directory, "adapter.gguf");
            Write(adapter, path);
            (await probe.AskAsync(path, Patience, Token)).ShouldBe("used");
        }
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "qwen2", "has the architecture 'llama'" },
        { "model", "it is a model, not an adapter" },
        { "type", "adapter.type is 'ia3'" },
        { "alpha text", "'adapter.lora.alpha' must be a number" },
        { "alpha nan", "'adapter.lora.alpha' must be a number" },
        { "alora", "aLoRA" },
        { "empty", "it has no tensors" },
        { "no pair", "has .lora_a and no .lora_b" },
        { "no tensor", "has no tensor 'blk.7.attn_q.weight': the adapter was made for another" },
        { "shape", "for the model 'small' and the rank 4 it would be 32 x 4" },
        { "rank", "for the model 'small' and the rank 8 it would be 32 x 8" },
        { "huge rank", "has the rank 2,048; 1024 is the most" },
        { "turned", "for the model 'small'" },
        { "norm", "is none of a LoRA adapter" },
        { "vector", "no matrix" },
        { "expert count", "would be 32 x 4 x 4" },
        { "table rank", "for the model 'small' and the rank 4 it would be 4 x" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_with_an_adapter_is_said_with_the_model_that_it_is_not_for(string fault, string says)
    {
        var path = Path.Combine(_directory, "adapter.gguf");
        long[] a = [Width, 4];
        long[] b = [4, Width];
        Write(fault switch
        {
            "qwen2" => Of("qwen2", Pair(Query, a, b)),
            "model" => ChatModel.Create(Options(0)),
            "type" => new GgufWriter().Add("general.architecture", "llama").Add("general.type", "adapter").Add("adapter.type", "ia3"),
            "alpha text" => new GgufWriter().Add("general.architecture", "llama").Add("general.type", "adapter").Add("adapter.type", "lora").Add("adapter.lora.alpha", "8"),
            "alpha nan" => new GgufWriter().Add("general.architecture", "llama").Add("general.type", "adapter").Add("adapter.type", "lora").Add("adapter.lora.alpha", float.NaN),
            "alora" => Of("llama", Pair(Query, a, b)).Add("adapter.alora.invocation_tokens", [1, 2]),
            "empty" => Of("llama"),
            "no pair" => Of("llama", ($"{Query}.lora_a", a)),
            "no tensor" => Of("llama", Pair("blk.7.attn_q.weight", a, b)),
            "shape" => Of("llama", Pair(Query, [Wide, 4], b)),
            "rank" => Of("llama", Pair(Query, a, [8, Width])),
            "huge rank" => Of("llama", Pair(Query, [Width, 2048], [2048, Width])),
            "turned" => Of("llama", Pair(Query, [4, Width], [Width, 4])),
            "norm" => Of("llama", [.. Pair(Query, a, b), ("blk.0.attn_norm.weight", [Width])]),
            "vector" => Of("llama", Pair("blk.0.attn_norm.weight", a, [4, 1])),
            "expert count" => Of("llama", Pair("blk.0.ffn_gate_exps.weight", [Width, 4, 3], [4, Wide, Experts])),
            "table rank" => Of("llama", Pair("token_embd.weight", [8, Tokens()], b)),
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        }, path);
        var refused = Should.Throw<GgufException>(() => GgufAdapterRules.Check(GgufHeader.Read(path), [GgufHeader.Read(WriteModel(Options(fault == "expert count" ? Experts : 0)))]));
        refused.Message.ShouldContain(says);
    }

    [Fact]
    public void A_table_of_tokens_that_is_the_output_too_cannot_be_adapted()
    {
        var whole = GgufHeader.Read(WriteModel(Options(0)));
        var tied = whole with { Tensors = [.. whole.Tensors.Where(tensor => tensor.Name != "output.weight")] };
        var path = Path.Combine(_directory, "adapter.gguf");
        Write(OfTable(), path);
        GgufAdapterRules.Check(GgufHeader.Read(path), [whole]);
        Should.Throw<GgufException>(() => GgufAdapterRules.Check(GgufHeader.Read(path), [tied])).Message.ShouldContain("is also its output");
    }

    private static ChatModelOptions Options(int experts) =>
        new() { Name = "small", Experts = experts, Width = Width, Layers = 2, Heads = 4, KeyValueHeads = 2, FeedForward = Wide, ContextLength = 64, Merges = 64 };

    private GgufWriter OfTable() => Of("llama", Pair("token_embd.weight", [4, Tokens()], [4, Width]));

    private static GgufWriter OfExperts() => Of("llama", [
        .. Pair("blk.0.ffn_gate_exps.weight", [Width, 4, Experts], [4, Wide, Experts]),
        .. Pair("blk.1.ffn_down_exps.weight", [Wide, 4, Experts], [4, Width, Experts]),
        .. Pair(Query, [Width, 4], [4, Width])]);

    private long Tokens() => GgufHeader.Read(WriteModel(Options(0))).Tensors.First(tensor => tensor.Name == "token_embd.weight").Dimension(1);

    private string WriteModel(ChatModelOptions options)
    {
        var path = Path.Combine(_directory, $"model-{options.Experts}.gguf");
        if (!File.Exists(path))
        {
            Write(ChatModel.Create(options), path);
        }

        return path;
    }
}
