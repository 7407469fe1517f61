using AiFactory.Inference.Weights;

namespace AiFactory.Inference.Tests.Weights;

public sealed class RangeMapTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-ranges-").FullName;

    private string Data => Path.Combine(_directory, "data");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_range_whose_bytes_may_not_be_on_the_disk_is_not_there()
    {
        File.WriteAllBytes(Data, new byte[300]);
        using (var map = Open(out var isContinued))
        {
            isContinued.ShouldBeFalse();
            using var data = File.OpenHandle(Data, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            map.Mark(1, data);
            data.Dispose();
            // What cannot be flushed: a disk that fails, here a file that is closed.
            Should.Throw<ObjectDisposedException>(() => map.Mark(2, data));
            map.IsDone(2).ShouldBeFalse();
        }

        using var next = Open(out var goesOn);
        goesOn.ShouldBeTrue();
        Enumerable.Range(0, 3).Where(next.IsDone).ShouldBe([1]);
    }

    private RangeMap Open(out bool isContinued) => RangeMap.Open(Path.Combine(_directory, "ranges"), Data, 300, "etag", 100, out isContinued);
}
