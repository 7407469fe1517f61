using AiFactory.Contracts;
using AiFactory.ModelGenerator.Gguf;
using AiFactory.ModelLibrary.Scanning;
using AiFactory.ModelLibrary.Scanning.Gguf;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.Testing;

namespace AiFactory.ModelLibrary.Tests.Scanning;

public class GgufScannerTests
{
    [Fact]
    public async Task A_whole_chat_model_passes_and_is_described()
    {
        var report = await ScanAsync(TinyGguf.Chat().ToBytes());

        report.Findings.ShouldBeEmpty();
        var metadata = report.Metadata.ShouldNotBeNull();
        metadata.Architecture.ShouldBe("llama");
        metadata.Task.ShouldBe(ModelTasks.Chat);
        metadata.Quantization.ShouldBe("F32");
        metadata.Parameters.ShouldBe(8 * 4 + 8 + 8);
        metadata.ContextLength.ShouldBe(128);
        metadata.VocabularySize.ShouldBe(4);
        metadata.License.ShouldBe("apache-2.0");
        metadata.HasChatTemplate.ShouldBeTrue();
    }

    [Fact]
    public async Task A_bert_is_an_embedding_model() =>
        (await ScanAsync(TinyGguf.Embedding().ToBytes())).Metadata.ShouldNotBeNull().Task.ShouldBe(ModelTasks.Embedding);

    [Fact]
    public async Task A_bert_that_pools_to_a_rank_is_a_ranker() =>
        (await ScanAsync(TinyGguf.Embedding().UInt32("bert.pooling_type", 4).ToBytes())).Metadata.ShouldNotBeNull().Task.ShouldBe(ModelTasks.Rerank);

    [Theory]
    [InlineData("demo-chat.gguf", ModelTasks.Chat)]
    [InlineData("demo-embed.gguf", ModelTasks.Embedding)]
    public async Task The_models_of_the_repository_pass(string file, string task)
    {
        var report = await ScanAsync(await File.ReadAllBytesAsync(Path.Combine(RepositoryFolder.Root, "models", file), TestContext.Current.CancellationToken));

        report.Reason().ShouldBe("");
        report.Metadata.ShouldNotBeNull().Task.ShouldBe(task);
    }

    [Fact]
    public async Task Every_truncation_of_a_model_is_refused_with_an_offset()
    {
        var whole = TinyGguf.Chat().ToBytes();
        for (var length = 0; length < whole.Length - 31; length++)
        {
            var finding = (await ScanAsync(whole[..length])).Findings.ShouldHaveSingleItem($"{length} bytes");
            finding.Rule.ShouldBe("malformed");
            finding.Offset.ShouldNotBeNull().ShouldBeInRange(0, length + 32);
        }
    }

    public static TheoryData<string, byte[], string> Malformed()
    {
        var chat = TinyGguf.Chat().ToBytes();
        var architecture = TinyGguf.Find(chat, "general.architecture") - 8;
        return new TheoryData<string, byte[], string>
        {
            { "no GGUF", new TinyGguf { Magic = 0x12345678 }.ToBytes(), "at byte 0: not a GGUF file" },
            { "version 1", new TinyGguf { Version = 1 }.ToBytes(), "at byte 4: GGUF version 1" },
            { "big-endian", new TinyGguf { Version = 0x03000000 }.ToBytes(), "at byte 4: a big-endian GGUF" },
            { "tensor count", new TinyGguf { TensorCount = ulong.MaxValue }.ToBytes(), "at byte 8: tensor count 18,446,744,073,709,551,615 exceeds the limit" },
            { "metadata count", new TinyGguf { EntryCount = 1 << 20 }.ToBytes(), "at byte 16: metadata count 1,048,576 exceeds the limit" },
            { "key length", TinyGguf.Patch(chat, architecture, 9_223_372_036_854_775_807), $"at byte {architecture}: string length 9,223,372,036,854,775,807 of metadata key 1 of" },
            { "value type", TinyGguf.Chat().Raw("x", writer => writer.Write(13u)).ToBytes(), "metadata key 'x' has type 13" },
            { "bool of 2", TinyGguf.Chat().Raw("x", writer => { writer.Write(7u); writer.Write((byte)2); }).ToBytes(), "'x' is a bool with the value 2" },
            { "a key twice", TinyGguf.Chat().UInt32("general.license", 1).ToBytes(), "metadata key 'general.license' appears twice" },
            { "array length", TinyGguf.Chat().Raw("x", writer => { writer.Write(9u); writer.Write(0u); writer.Write(1UL << 60); }).ToBytes(), "exceeds the limit of 16,000,000" },
            { "array past the end", TinyGguf.Chat().Raw("x", writer => { writer.Write(9u); writer.Write(12u); writer.Write(1_000_000UL); }).ToBytes(), "array 'x' needs 8,000,000 bytes" },
            { "arrays in arrays", TinyGguf.Chat().Raw("x", Nested).ToBytes(), "nested deeper than 4" },
            { "alignment", TinyGguf.Chat().UInt32("general.alignment", 12).ToBytes(), "general.alignment must be a power of two" },
            { "dimensions", TinyGguf.Chat().Tensor("t", [1, 1, 1, 1, 1]).ToBytes(), "tensor 't' has 5 dimensions" },
            { "a dimension of 0", TinyGguf.Chat().Tensor("t", [0], bytes: 0).ToBytes(), "dimension 1 of tensor 't' is 0" },
            { "overflow", TinyGguf.Chat().Tensor("t", [1UL << 40, 1UL << 40], bytes: 0).ToBytes(), "overflows" },
            { "a tensor larger than the file", TinyGguf.Chat().Tensor("t", [1UL << 40], bytes: 0).ToBytes(), "tensor 't' needs 4,398,046,511,104 bytes" },
            { "tensor type", TinyGguf.Chat().Tensor("t", [32], type: 4).ToBytes(), "tensor 't' has the unknown type 4" },
            { "half a block", TinyGguf.Chat().Tensor("t", [33], type: 8).ToBytes(), "not a multiple of the 32 that a block of Q8_0 holds" },
            { "a tensor twice", TinyGguf.Chat().Tensor("output_norm.weight", [8]).ToBytes(), "tensor 'output_norm.weight' appears twice" },
            { "offset", TinyGguf.Chat().Tensor("t", [8], offset: 7).ToBytes(), "offset 7 of tensor 't' is not a multiple of the alignment 32" },
            { "overlap", TinyGguf.Chat().Tensor("t", [8], offset: 32).ToBytes(), "overlaps" },
            { "gap", TinyGguf.Chat().Tensor("t", [8], offset: 256).ToBytes(), "belong to no tensor" },
            { "a token twice", Vocabulary("a", "b", "c", "a"), "text 3 of 'tokenizer.ggml.tokens' was there before" },
            { "a token twice up to a zero", Vocabulary("a", "b", "c", "a\0d"), "text 3 of 'tokenizer.ggml.tokens' was there before" },
            { "the name of an empty token", Vocabulary("a", "b", "", "[EMPTY_2]"), "text 3 of 'tokenizer.ggml.tokens' was there before" },
            { "a zero in a text", TinyGguf.Chat().Text("general.name", "ab\0c").ToBytes(), $"at byte {TinyGguf.Find(TinyGguf.Chat().Text("general.name", "ab\0c").ToBytes(), "ab\0c") + 2}: 'general.name' holds the character U+0000" },
            { "a zero in the template", TinyGguf.Chat("a\0").ToBytes(), "'tokenizer.chat_template' holds the character U+0000" },
            { "a zero in a tensor's name", TinyGguf.Chat().Tensor("t\0", [8]).ToBytes(), "holds the character U+0000" },
            { "stowaway", [.. chat, .. new byte[64]], "64 bytes behind the last tensor belong to no tensor" },
        };
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_file_is_refused_with_offset_and_reason(string what, byte[] file, string reason)
    {
        var report = await ScanAsync(file);

        report.Metadata.ShouldBeNull(what);
        report.Reason().ShouldContain(reason, Case.Sensitive, what);
        report.Reason().ShouldStartWith("at byte ");
    }

    public static TheoryData<byte[], string> Inconsistent() => new()
    {
        { TinyGguf.Chat().Remove("general.architecture").ToBytes(), "'general.architecture' is missing" },
        { TinyGguf.Chat().Remove("llama.context_length").ToBytes(), "'llama.context_length', which architecture llama requires, is missing" },
        { TinyGguf.Chat().Remove("llama.block_count").UInt32("llama.block_count", 3).ToBytes(), "llama.block_count is 3, but tensors are there for 1 blocks" },
        { TinyGguf.Chat().Remove("llama.embedding_length").UInt32("llama.embedding_length", 16).ToBytes(), "is 8 wide and llama.embedding_length is 16" },
        { TinyGguf.Chat().RemoveTensor("token_embd.weight").ToBytes(), "'token_embd.weight' is missing" },
        { TinyGguf.Chat().Remove("tokenizer.ggml.model").ToBytes(), "has no tokenizer" },
        { TinyGguf.Chat().Remove("tokenizer.ggml.tokens").ToBytes(), "'tokenizer.ggml.tokens' is missing" },
        { TinyGguf.Chat().Remove("tokenizer.ggml.scores").Floats("tokenizer.ggml.scores", 1).ToBytes(), "has 1 entries for 4 tokens" },
        { TinyGguf.Chat().Remove("tokenizer.ggml.scores").Texts("tokenizer.ggml.scores", "a", "b", "c", "d").ToBytes(), "'tokenizer.ggml.scores' is a list of STRING and must be one of FLOAT32" },
        { TinyGguf.Chat().Floats("tokenizer.ggml.token_type", 1, 1, 1, 1).ToBytes(), "'tokenizer.ggml.token_type' is a list of FLOAT32 and must be one of INT32" },
        { TinyGguf.Chat().UInt32("tokenizer.ggml.token_type", 1).ToBytes(), "'tokenizer.ggml.token_type' is not a list" },
        { TinyGguf.Chat().Remove("tokenizer.ggml.bos_token_id").UInt32("tokenizer.ggml.bos_token_id", 4).ToBytes(), "outside of the 4 tokens" },
        { TinyGguf.Chat().Remove("tokenizer.ggml.tokens").Texts("tokenizer.ggml.tokens", "a", "b", "c", "d", "e").ToBytes(), "has 4 rows for 5 tokens" },
    };

    [Theory]
    [MemberData(nameof(Inconsistent))]
    public async Task A_file_that_contradicts_itself_is_refused(byte[] file, string reason) => (await ScanAsync(file)).Reason().ShouldContain(reason);

    [Fact]
    public async Task Any_change_of_any_byte_ends_in_a_report_and_in_little_memory()
    {
        // The seeds are fixed, so that a failure can be repeated.
        var whole = TinyGguf.Chat().ToBytes();
        var random = new Random(20_260_601);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 20_000; round++)
        {
            var file = (byte[])whole.Clone();
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                file[random.Next(file.Length)] = random.Next(4) == 0 ? (byte)255 : (byte)random.Next(256);
            }

            if (random.Next(8) == 0)
            {
                file = file[..random.Next(file.Length)];
            }

            var report = await ScanAsync(file);
            (report.Metadata is null == report.Findings.Count > 0).ShouldBeTrue($"round {round}");
        }

        var perFile = (GC.GetAllocatedBytesForCurrentThread() - before) / 20_000;
        perFile.ShouldBeLessThan(1 << 20);
    }

    [Fact]
    public async Task Empty_texts_of_a_vocabulary_are_not_the_same_text() => (await ScanAsync(Vocabulary("", "", "a", "b"))).Findings.ShouldBeEmpty();

    [Theory]
    [InlineData(0, "split.no", 3, "'split.no' is 0 (Int16) and should be 0 (UInt16)")]
    [InlineData(1, "split.no", 3, "'split.no' is 1 (Int16) and should be 1 (UInt16)")]
    [InlineData(2, "split.count", 3, "'split.count' is 3 (Int16) and should be 3 (UInt16)")]
    [InlineData(0, "split.tensors.count", 4, "'split.tensors.count' is 3 (UInt32) and should be 3 (Int32)")]
    public async Task A_file_of_several_says_its_numbers_in_the_types_that_llama_asserts(int file, string key, byte type, string reason)
    {
        var parts = GgufSplitter.Split(TinyGguf.Chat().ToBytes(), 3);
        (await ScanAsync([.. parts])).Reason().ShouldBe("");

        parts[file][TinyGguf.Find(parts[file], key) + key.Length] = type;

        var finding = (await ScanAsync([.. parts])).Findings.ShouldHaveSingleItem();
        (finding.Rule, finding.File).ShouldBe(("split", file + 1));
        finding.Reason.ShouldStartWith(reason);
    }

    [Fact]
    public async Task A_single_file_says_that_it_is_one_in_the_type_that_llama_reads()
    {
        (await ScanAsync(TinyGguf.Chat().Raw("split.count", writer => writer.Write([2, 0, 0, 0, 1, 0])).ToBytes())).Reason().ShouldBe("");
        (await ScanAsync(TinyGguf.Chat().UInt32("split.count", 1).ToBytes())).Reason().ShouldContain("'split.count' must be a uint16");
    }

    [Fact]
    public async Task Limits_are_those_of_all_files_together()
    {
        var parts = GgufSplitter.Split(TinyGguf.Chat().Text("general.name", new string('x', 1000)).ToBytes(), 3).ToArray();
        (GgufLimits Limits, int File, string Reason)[] table =
        [
            (new() { Tensors = 2 }, 3, "tensor count 1 exceeds the limit of 0"),
            (new() { MetadataEntries = 21 }, 3, "metadata count 3 exceeds the limit of 1"),
            (new() { HeaderBytes = parts[0].Length }, 3, "metadata and tensor list exceed the limit of 0 bytes"),
        ];
        foreach (var (limits, file, reason) in table)
        {
            var finding = (await new GgufScanner(limits).ScanAsync(Streams(parts), parts.Length, TestContext.Current.CancellationToken)).Findings.ShouldHaveSingleItem(reason);
            (finding.Rule, finding.File).ShouldBe(("malformed", file));
            finding.Reason.ShouldContain(reason);
        }

        // Texts are kept of every file: of the first the 1,000 and a few others.
        var texts = new TinyGguf().Text("general.description", new string('y', 1000)).Tensor("blk.0.attn_norm.weight", [8]).ToBytes();
        (await new GgufScanner(new() { KeptTextBytes = 1800 }).ScanAsync(Streams(parts[0], texts), 2, TestContext.Current.CancellationToken))
            .Findings.ShouldHaveSingleItem().Reason.ShouldStartWith("the texts up to 'general.description' exceed the limit of");
    }

    private static byte[] Vocabulary(params string[] tokens) =>
        TinyGguf.Chat().Remove("tokenizer.ggml.tokens").Texts("tokenizer.ggml.tokens", tokens).ToBytes();

    private static void Nested(BinaryWriter writer)
    {
        writer.Write(9u);
        for (var depth = 0; depth < 100; depth++)
        {
            writer.Write(9u);
            writer.Write(1UL);
        }
    }

    private static Task<ScanReport> ScanAsync(params byte[][] files) => new GgufScanner(new GgufLimits())
        .ScanAsync(Streams(files), files.Length, TestContext.Current.CancellationToken);

    private static IAsyncEnumerable<(Stream, long)> Streams(params byte[][] files) => files.Select(file => ((Stream)new MemoryStream(file), (long)file.Length)).ToAsyncEnumerable();
}
