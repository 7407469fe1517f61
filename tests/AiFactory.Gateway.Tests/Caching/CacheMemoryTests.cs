using AiFactory.Gateway.Caching;
using AiFactory.Testing;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Tests.Caching;

public sealed class CacheMemoryTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void The_bound_holds_and_what_was_used_longest_ago_makes_room()
    {
        var memory = Memory(1 << 20);
        for (var i = 0; i < 100; i++)
        {
            memory.Set(Key(i), Entry(20_000));
            memory.TryGet(Key(0), out _).ShouldBeTrue("it is used all the time");
            (memory.BytesOf(CacheKind.Response) + memory.BytesOf(CacheKind.Embedding)).ShouldBeLessThanOrEqualTo(1 << 20);
        }

        memory.CountOf(CacheKind.Response).ShouldBe(51, "of 20,256 bytes each");
        memory.Evicted.ShouldBe(49);
        memory.TryGet(Key(1), out _).ShouldBeFalse();
        memory.TryGet(Key(99), out _).ShouldBeTrue();
    }

    [Fact]
    public void One_that_would_push_out_too_many_is_not_taken()
    {
        var memory = Memory(1 << 20);
        memory.Set(Key(1), Entry(1000));

        memory.Set(Key(2), Entry(300_000));

        memory.TryGet(Key(2), out _).ShouldBeFalse();
        memory.TryGet(Key(1), out _).ShouldBeTrue();
    }

    [Fact]
    public void An_answer_ends_with_its_time_and_leaves_its_bytes_and_so_does_one_that_is_replaced()
    {
        var memory = Memory(1 << 20);
        memory.Set(Key(1), Entry(1000));
        memory.Set(Key(1), Entry(2000));
        memory.BytesOf(CacheKind.Response).ShouldBe(2256);

        _time.Advance(TimeSpan.FromHours(1));

        memory.TryGet(Key(1), out _).ShouldBeFalse();
        (memory.BytesOf(CacheKind.Response), memory.CountOf(CacheKind.Response)).ShouldBe((0, 0));
    }

    private CacheMemory Memory(long bytes) => new(Options.Create(new CachingOptions { MemoryBytes = bytes }), _time);

    private CacheEntry Entry(int bytes) => new(CacheKind.Response, "default", Guid.Empty, new byte[bytes], 0, _time.GetUtcNow(), _time.GetUtcNow().AddHours(1));

    private static CacheKey Key(int number) => CacheKey.Of(BitConverter.GetBytes(number));
}
