using System.Globalization;
using System.Text;
using AiFactory.ServiceDefaults.Outbox;

namespace AiFactory.ServiceDefaults.Tests.Outbox;

public sealed class FileOutboxTests : IDisposable
{
    private const int SegmentBytes = 4096;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-outbox-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_appended_is_read_in_its_order_over_many_segments_and_then_leaves_no_file()
    {
        using var outbox = Open();
        var texts = Enumerable.Range(0, 500).Select(i => $"entry {i} {new string('x', i % 100)}").ToList();
        foreach (var text in texts)
        {
            Append(outbox, text);
        }

        Files().Length.ShouldBeGreaterThan(5);
        var (read, end) = ReadAll(outbox, default);

        read.ShouldBe(texts);
        outbox.DeleteBefore(end);
        Files().Length.ShouldBe(1, "the one that is written");
        outbox.Close(end);
        Files().ShouldBeEmpty();
    }

    [Fact]
    public void A_process_that_ends_without_a_word_leaves_all_that_was_appended()
    {
        var copy = Directory.CreateTempSubdirectory("aifactory-outbox-");
        using (var outbox = Open())
        {
            Append(outbox, "one");
            Append(outbox, "two");
            // What the kernel has at this moment, unsynced and unclosed.
            foreach (var file in Files())
            {
                File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
            }
        }

        using (var inherited = FileOutbox.Open(copy.FullName, SegmentBytes, 1 << 20))
        {
            inherited.Prepare();
            Append(inherited, "three");
            var (read, end) = ReadAll(inherited, default);
            read.ShouldBe(["one", "two", "three"]);
            end.Segment.ShouldBeGreaterThan(inherited.Inherited.Segment);
            inherited.TornBytes.ShouldBe(0);
        }

        copy.Delete(recursive: true);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-5)]
    [InlineData(-17)]
    public void A_torn_tail_is_cut_and_what_is_before_it_stays(int at)
    {
        using (var outbox = Open())
        {
            Append(outbox, "whole");
            Append(outbox, "torn by the crash");
        }

        // The first bytes of the last entry are there, the others never came; then the same with a byte that is wrong.
        var file = Files().Single();
        var bytes = File.ReadAllBytes(file).AsSpan();
        var tail = bytes.LastIndexOfAnyExcept((byte)0) + 1;
        bytes[tail + at] ^= 0xFF;
        File.WriteAllBytes(file, bytes.ToArray());

        using var again = Open();
        Append(again, "after");

        again.TornBytes.ShouldBeGreaterThan(0);
        ReadAll(again, default).Texts.ShouldBe(["whole", "after"]);
    }

    [Fact]
    public void A_second_process_is_refused_and_only_this_user_reads()
    {
        using var outbox = Open();

        Should.Throw<IOException>(Open);
        if (!OperatingSystem.IsWindows())
        {
            Files().Select(File.GetUnixFileMode).ShouldAllBe(mode => mode == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [Fact]
    public void Beyond_its_limit_it_refuses_and_takes_again_when_something_was_delivered()
    {
        using var outbox = FileOutbox.Open(_folder.FullName, SegmentBytes, 3 * SegmentBytes);
        var kept = 0;
        while (true)
        {
            var room = outbox.Prepare();
            if (!outbox.TryAppend(Bytes($"entry {kept}"), out _))
            {
                room.ShouldBeFalse("it refuses only without room");
                break;
            }

            kept++;
        }

        var (read, end) = ReadAll(outbox, default);
        read.Count.ShouldBe(kept);
        outbox.DeleteBefore(end);

        outbox.Prepare().ShouldBeTrue();
        outbox.TryAppend(Bytes("there is room"), out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_threads_append_while_one_reads_and_deletes_and_nothing_is_lost_or_mixed()
    {
        const int Threads = 8;
        const int Each = 5_000;
        using var outbox = Open();
        var writers = Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                // The keeper is this test: who finds no room waits for it.
                while (!outbox.TryAppend(Bytes(string.Create(CultureInfo.InvariantCulture, $"{thread} {i}")), out _))
                {
                    Thread.Yield();
                }
            }
        })).ToArray();
        var all = Task.WhenAll(writers);
        var read = new List<string>();
        OutboxPosition position = default;
        while (!all.IsCompleted || read.Count < Threads * Each)
        {
            outbox.Prepare();
            outbox.Sync();
            var (texts, next) = ReadAll(outbox, position);
            read.AddRange(texts);
            outbox.DeleteBefore(position = next);
            all.IsFaulted.ShouldBeFalse();
        }

        await all;
        read.Count.ShouldBe(Threads * Each);
        foreach (var thread in read.Select(text => text.Split(' ')).GroupBy(parts => parts[0], parts => int.Parse(parts[1], CultureInfo.InvariantCulture)))
        {
            thread.ShouldBe(Enumerable.Range(0, Each));
        }
    }

    private FileOutbox Open()
    {
        var outbox = FileOutbox.Open(_folder.FullName, SegmentBytes, 1 << 20);
        outbox.Prepare();
        return outbox;
    }

    private string[] Files() => [.. Directory.EnumerateFiles(_folder.FullName, "*.outbox").Where(file => File.ReadAllBytes(file).AsSpan().ContainsAnyExcept((byte)0))];

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static void Append(FileOutbox outbox, string text)
    {
        outbox.TryAppend(Bytes(text), out _).ShouldBeTrue();
        outbox.Prepare().ShouldBeTrue();
    }

    private static (List<string> Texts, OutboxPosition End) ReadAll(FileOutbox outbox, OutboxPosition from)
    {
        var texts = new List<string>();
        var buffer = new byte[1024];
        for (var position = from; ; )
        {
            var next = outbox.Read(position, buffer, (entry, _) => texts.Add(Encoding.UTF8.GetString(entry)));
            if (next == position)
            {
                return (texts, position);
            }

            position = next;
        }
    }
}
