using System.Buffers.Binary;
using AiFactory.ModelGenerator.Gguf;
using AiFactory.ModelGenerator.Models;

namespace AiFactory.Inference.Tests.Gguf;

public sealed class GgufWriterTests
{
    [Fact]
    public void A_row_of_Q8_0_is_a_scale_and_a_byte_for_each_value()
    {
        var values = Enumerable.Range(0, 64).Select(i => i == 40 ? -2.54f : 0.01f * (i - 20)).ToArray();
        var bytes = new byte[GgufRow.SizeBytes(GgufTensorType.Q80, values.Length)];
        GgufRow.Write(GgufTensorType.Q80, values, bytes);

        bytes.Length.ShouldBe(2 * 34);
        ((sbyte)bytes[34 + 2 + 8]).ShouldBe((sbyte)-127);
        for (var i = 0; i < values.Length; i++)
        {
            var block = bytes.AsSpan(i / 32 * 34, 34);
            var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
            ((sbyte)block[2 + (i % 32)] * scale).ShouldBe(values[i], tolerance: scale * 0.6f);
        }
    }

    [Fact]
    public void A_row_of_Q8_0_that_is_no_whole_number_of_blocks_is_refused() =>
        Should.Throw<ArgumentException>(() => GgufRow.SizeBytes(GgufTensorType.Q80, 40)).Message.ShouldContain("multiple of 32");

    [Fact]
    public void A_tensor_with_fewer_rows_than_its_dimensions_say_is_refused()
    {
        var writer = new GgufWriter().Add(new GgufTensor("short.weight", GgufTensorType.F32, [2, 3], [new float[2], new float[2]]));
        Should.Throw<InvalidOperationException>(() => writer.WriteTo(Stream.Null)).Message.ShouldStartWith("short.weight: 2 rows");
    }

    [Fact]
    public void A_model_is_the_same_each_time_it_is_written()
    {
        var writer = ChatModel.Create(new ChatModelOptions { Layers = 1, Merges = 16 });
        var (first, second) = (new MemoryStream(), new MemoryStream());
        writer.WriteTo(first);
        writer.WriteTo(second);
        second.ToArray().ShouldBe(first.ToArray());
    }
}
