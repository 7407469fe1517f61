using AiFactory.Builder.Knowledge;
using Microsoft.Extensions.Configuration;

namespace AiFactory.Builder.Tests.Knowledge;

/// <summary>A base of 1 GiB of vectors ended a pod of 1 GiB.</summary>
public sealed class ProcessMemoryTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData(1536, 4, 1024, 384)]
    [InlineData(1536, 8, 512, 192)]
    [InlineData(24_576, 4, 1024, 1024)]
    [InlineData(24_576, 8, 512, 512)]
    [InlineData(2, 4, 1024, 1)]
    [InlineData(0, 4, 1024, 1)]
    public void A_bound_is_a_part_of_what_there_is_and_no_more_than_is_ever_needed(long available, int part, long most, long bound) =>
        ProcessMemory.Share(available * MiB, part, most * MiB).ShouldBe(bound * MiB);

    [Fact]
    public void Unless_they_are_set_the_bounds_follow_what_this_process_may_use()
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var options = new KnowledgeOptions();

        options.ImageBytes.ShouldBeLessThanOrEqualTo(available / 4);
        options.MaximumPdfBytes.ShouldBeLessThanOrEqualTo(available / 8);
        (options.ImageBytes >= 64 * MiB && options.MaximumPdfBytes >= 32 * MiB).ShouldBeTrue("on a machine that builds this");
    }

    [Fact]
    public void What_is_set_is_taken()
    {
        var options = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["ImageBytes"] = "8589934592", ["MaximumPdfBytes"] = "2147483648" })
            .Build()
            .Get<KnowledgeOptions>()
            .ShouldNotBeNull();

        (options.ImageBytes, options.MaximumPdfBytes).ShouldBe((8192 * MiB, 2048 * MiB));
    }
}
