using System.Runtime.CompilerServices;
using System.Text;
using AiFactory.Inference.Native;
using AiFactory.Inference.Weights.Gguf;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Native;

public sealed class LlamaModelTests(GeneratedModels models)
{
    private readonly LlamaRuntime _runtime = LlamaRuntime.Load(NullLogger.Instance);

    [Fact]
    public void Structs_have_the_layout_of_the_library()
    {
        Unsafe.SizeOf<LlamaModelParams>().ShouldBe(80);
        Unsafe.SizeOf<LlamaContextParams>().ShouldBe(160);
        Unsafe.SizeOf<LlamaBatch>().ShouldBe(56);
        Unsafe.SizeOf<LlamaSamplerChainParams>().ShouldBe(1);
        Unsafe.SizeOf<GgmlThreadpoolParams>().ShouldBe(528);
        LlamaRuntime.ProbeLayouts();
        _runtime.Hardware.ShouldStartWith("cpu: ");
    }

    [Fact]
    public void A_generated_chat_model_loads_with_its_metadata()
    {
        using var model = LlamaModel.Open(models.Chat);
        model.TrainedContext.ShouldBe(2048);
        model.HasDecoder.ShouldBeTrue();
        model.ChatTemplate.ShouldNotBeNull().ShouldContain("<|im_start|>");
        model.GetControlTexts().ShouldBe(["<|endoftext|>", "<|im_start|>", "<|im_end|>"]);
    }

    [Theory]
    [InlineData("Hello, how are you today?")]
    [InlineData("Ünïcödé, 日本語 and 🦙\n\ttabs")]
    [InlineData("")]
    public void Tokens_give_their_text_back(string text)
    {
        using var model = LlamaModel.Open(models.Chat);
        var tokens = model.Tokenize(text, addSpecial: false, parseSpecial: false);
        var bytes = new List<byte>();
        Span<byte> piece = stackalloc byte[256];
        foreach (var token in tokens)
        {
            bytes.AddRange(piece[..model.GetPiece(token, piece)]);
        }

        Encoding.UTF8.GetString([.. bytes]).ShouldBe(text);
    }

    [Fact]
    public void Greedy_decoding_repeats_itself()
    {
        Generate(models.Chat).ShouldBe(Generate(models.Chat));
        Generate(models.Qwen2).ShouldBe(Generate(models.Qwen2));
    }

    [Fact]
    public void A_mixture_of_experts_loads_and_says_something_of_its_own()
    {
        var said = Generate(models.Experts);
        said.Count.ShouldBe(32);
        said.Distinct().Count().ShouldBeGreaterThan(8);
        said.ShouldBe(Generate(models.Experts));
        said.ShouldNotBe(Generate(models.Endless));
    }

    // A wrong scale, or bytes in a wrong place, would say something else from the first token on.
    [Fact]
    public void A_quantised_model_begins_as_the_same_weights_in_sixteen_bits_do()
    {
        new FileInfo(models.Quantised).Length.ShouldBeLessThan(new FileInfo(models.Endless).Length * 6 / 10);
        Generate(models.Quantised, count: 3).ShouldBe(Generate(models.Endless, count: 3));
    }

    [Fact]
    public void Attention_is_fused_only_where_heads_are_as_wide_as_the_processor_multiplies_at_once()
    {
        using var narrow = LlamaModel.Open(models.Chat);
        FlashAttention.HeadWidth(narrow).ShouldBe(32);
        FlashAttention.For(narrow).ShouldBe(FlashAttention.Off);
        using var wide = LlamaModel.Open(models.Wide);
        FlashAttention.HeadWidth(wide).ShouldBe(64);
        FlashAttention.For(wide).ShouldBe(FlashAttention.Automatic);
    }

    // A few tokens: on a machine whose cores are taken, llama.cpp's threads wait for each other at every operation.
    [Fact]
    public void Several_threads_say_what_one_says() => Generate(models.Chat, threads: 2, count: 3).ShouldBe(Generate(models.Chat, count: 3));

    [Fact]
    public void A_file_that_is_no_model_is_refused_with_the_reason()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "this is not a model");
            Should.Throw<GgufException>(() => LlamaModel.Open(path)).Message.ShouldStartWith("The model is refused: it is no GGUF file");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static List<int> Generate(string path, int threads = 1, int count = 32)
    {
        using var model = LlamaModel.Open(path);
        using var context = LlamaContext.Open(model, new LlamaContextOptions(1024, 512, 512, 2, threads, 1, Embeddings: false, UnifiedCache: false));
        context.SequenceContextLength.ShouldBe(512);
        var prompt = model.Tokenize("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", addSpecial: true, parseSpecial: true);
        using var sampler = NativeSampler.Open(model, new LlamaSamplerOptions(0, 1, 0, 0, 1, 1, 0, 0), prompt, 512);
        var batch = new LlamaBatchBuffer(512);
        var index = -1;
        for (var i = 0; i < prompt.Length; i++)
        {
            index = batch.Add(prompt[i], i, 0, i == prompt.Length - 1);
        }

        var tokens = new List<int>();
        for (var i = 0; i < count; i++)
        {
            context.Decode(batch).ShouldBe(LlamaDecodeResult.Done);
            tokens.Add(sampler.Sample(context, batch, index));
            batch.Clear();
            index = batch.Add(tokens[^1], prompt.Length + i, 0, true);
        }

        Span<byte> piece = stackalloc byte[256];
        var text = new StringBuilder();
        foreach (var token in tokens)
        {
            text.Append(Encoding.UTF8.GetString(piece[..model.GetPiece(token, piece)]));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(text.ToString());
        return tokens;
    }
}
