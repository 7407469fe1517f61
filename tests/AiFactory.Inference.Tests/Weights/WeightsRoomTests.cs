using System.Security.Cryptography;
using AiFactory.Inference.Native;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Weights;

public sealed class WeightsRoomTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-room-").FullName;
    private readonly WeightsRoom _room;

    public WeightsRoomTests()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "sha256"));
        Directory.CreateDirectory(Path.Combine(_directory, "locks"));
        _room = new WeightsRoom(new WeightsOptions { Directory = _directory, SizeLimit = long.MaxValue }, TimeProvider.System, NullLogger.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long Free => new DriveInfo(_directory).AvailableFreeSpace;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Room_that_another_download_will_take_is_not_promised_again()
    {
        WritePartial("other", Free * 3 / 4);
        await _room.TakeAsync(1 << 20, "small", Token);
        (await Should.ThrowAsync<WeightsException>(() => _room.TakeAsync(Free / 2, "second", Token))).Message.ShouldContain("has room for");
    }

    [Fact]
    public async Task A_download_that_filled_the_disk_asks_for_its_room_again()
    {
        var size = Free * 2;
        WritePartial("full", size);
        (await Should.ThrowAsync<WeightsException>(() => _room.TakeAsync(size, "full", Token))).Message.ShouldContain("has room for");
    }

    [Fact]
    public async Task What_grows_in_room_that_was_taken_counts_once()
    {
        var room = new WeightsRoom(new WeightsOptions { Directory = _directory, SizeLimit = 3 << 20 }, TimeProvider.System, NullLogger.Instance);
        await room.TakeAsync(2 << 20, "packed", Token);
        var partial = Path.Combine(_directory, "sha256", "packed.partial");
        await File.WriteAllBytesAsync(WeightsRoom.Packing(partial), new byte[2 << 20], Token);

        await room.TakeAsync(1 << 20, "other", Token);
        (await Should.ThrowAsync<WeightsException>(() => room.TakeAsync(1 << 20, "third", Token))).Message.ShouldContain("models in use take");
    }

    [Fact]
    public void Allocated_is_what_was_written()
    {
        var path = WritePartial("sparse", 1L << 30);
        DiskNative.AllocatedBytes(path).ShouldBe(0);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.Write(file, RandomNumberGenerator.GetBytes(1 << 20), 1 << 28);
        RandomAccess.FlushToDisk(file);
        DiskNative.AllocatedBytes(path).ShouldBeInRange(1 << 20, 1 << 21);
    }

    /// <summary>With its length, and none of its blocks.</summary>
    private string WritePartial(string name, long length)
    {
        var path = Path.Combine(_directory, "sha256", $"{name}.partial");
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, length);
        return path;
    }
}
