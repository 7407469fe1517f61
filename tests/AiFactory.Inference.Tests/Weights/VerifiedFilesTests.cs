using System.Security.Cryptography;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Weights;

/// <summary>The second start: what it reads from the store and what it hashes, counted.</summary>
public sealed class VerifiedFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-verified-").FullName;
    private readonly CountingSource _store = new();
    private readonly byte[] _bytes = RandomNumberGenerator.GetBytes(3_000_000);

    public VerifiedFilesTests() => _store.Objects["m"] = _bytes;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Digest => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(_bytes))}";

    private string FilePath => Path.Combine(_directory, "sha256", $"{Digest["sha256:".Length..]}.gguf");

    private string Mark => Directory.GetFiles(Path.Combine(_directory, "verified")).ShouldHaveSingleItem();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_second_start_and_the_third_read_nothing_from_the_store_and_hash_nothing()
    {
        await StartAsync();
        for (var start = 0; start < 2; start++)
        {
            (await StartAsync()).ShouldBe((0, 0));
        }
    }

    [Fact]
    public async Task A_digest_that_nobody_said_is_not_computed_twice()
    {
        await StartAsync(digest: "");
        (await StartAsync(digest: "")).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_file_edited_in_place_is_found_and_fetched_again_even_with_its_size_and_its_time()
    {
        await StartAsync();
        var written = File.GetLastWriteTimeUtc(FilePath);
        Edit();
        File.SetLastWriteTimeUtc(FilePath, written);
        (await StartAsync()).ShouldBe((1, _bytes.Length));
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
    }

    [Fact]
    public async Task A_file_whose_time_alone_has_changed_is_hashed_once_and_serves()
    {
        await StartAsync();
        File.SetLastWriteTimeUtc(FilePath, DateTime.UnixEpoch);
        (await StartAsync()).ShouldBe((1, 0));
        (await StartAsync()).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_copy_in_the_place_of_the_file_is_hashed()
    {
        await StartAsync();
        var written = File.GetLastWriteTimeUtc(FilePath);
        File.Copy(FilePath, $"{FilePath}.copy");
        File.SetLastWriteTimeUtc($"{FilePath}.copy", written);
        File.Move($"{FilePath}.copy", FilePath, overwrite: true);
        (await StartAsync()).ShouldBe((1, 0));
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("empty")]
    [InlineData("long")]
    [InlineData("other digest")]
    public async Task A_mark_that_is_not_as_it_was_written_is_not_believed(string damage)
    {
        await StartAsync();
        var text = await File.ReadAllTextAsync(Mark, Token);
        await File.WriteAllTextAsync(
            Mark, damage switch { "torn" => text[..^10], "empty" => "", "long" => new string('a', 100_000), _ => text.Replace(Digest, $"sha256:{new string('0', 64)}", StringComparison.Ordinal) }, Token);
        (await StartAsync()).ShouldBe((1, 0));
        (await StartAsync()).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData("a secret of tests")]
    [InlineData(null)]
    public async Task A_mark_of_one_who_lacks_the_secret_is_not_believed(string? secret)
    {
        await StartAsync();
        Edit();
        Verified.In(_directory, "not the secret").Note(FilePath, Digest);
        (await StartAsync(secret: secret)).ShouldBe((1, _bytes.Length));
    }

    [Fact]
    public async Task A_mark_is_for_its_own_file_only()
    {
        await StartAsync();
        var other = Path.Combine(_directory, "sha256", "other.gguf");
        File.Copy(FilePath, other);
        File.Copy(Mark, VerifiedFiles.MarkPath(new WeightsOptions { Directory = _directory }, other));
        var verified = Verified.In(_directory);
        (await verified.ProveAsync(other, isOurs: true, mustRead: false, Token)).Unread.ShouldBeNull();
        verified.Hashed.ShouldBe(1);
    }

    [Fact]
    public async Task Who_asks_for_it_has_files_hashed_at_each_start_and_once_in_it()
    {
        await StartAsync();
        (await StartAsync(verifyAtStart: true, times: 3)).ShouldBe((1, 0));
        (await StartAsync(verifyAtStart: true)).ShouldBe((1, 0));
    }

    [Fact]
    public async Task A_part_that_nobody_reads_later_is_hashed_whatever_its_mark_says()
    {
        await StartAsync();
        (await StartAsync(mustRead: true)).ShouldBe((1, 0));
    }

    [Fact]
    public async Task A_file_on_a_volume_is_not_hashed_again_and_is_when_it_was_edited()
    {
        var path = Path.Combine(_directory, "volume.gguf");
        await File.WriteAllBytesAsync(path, _bytes, Token);
        (await LocalAsync(path)).ShouldBe(1);
        (await LocalAsync(path)).ShouldBe(0);
        await File.WriteAllBytesAsync(path, [.. _bytes.Reverse()], Token);
        await Should.ThrowAsync<WeightsException>(() => LocalAsync(path));
    }

    [Fact]
    public async Task What_serves_because_of_its_mark_is_read_once_behind_that()
    {
        await StartAsync();
        var verified = Verified.In(_directory);
        var file = await AcquireAsync(verified, Digest);
        file.Unread.ShouldNotBeNull();
        (await verified.CheckAsync(file, Token)).ShouldBeTrue();
        file.Hold.Dispose();
        var again = await AcquireAsync(verified, Digest);
        again.Unread.ShouldBeNull();
        again.Hold.Dispose();
        verified.Hashed.ShouldBe(0);
    }

    [Fact]
    public async Task Bytes_that_rotted_behind_the_mark_are_found_and_fetched_again()
    {
        await StartAsync();
        Edit();
        // As if the disk had lost them: the file system noticed nothing.
        Verified.In(_directory).Note(FilePath, Digest);
        var verified = Verified.In(_directory);
        var file = await AcquireAsync(verified, Digest);
        _store.Given.ShouldBe(_bytes.Length);
        (await verified.CheckAsync(file, Token)).ShouldBeFalse();
        file.Hold.Dispose();
        (await AcquireAsync(verified, Digest)).Hold.Dispose();
        _store.Given.ShouldBe(2 * _bytes.Length);
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_changed_or_gone_while_it_serves_is_found(bool isGone)
    {
        await StartAsync();
        var verified = Verified.In(_directory);
        var file = await AcquireAsync(verified, Digest);
        if (isGone)
        {
            File.Delete(FilePath);
        }
        else
        {
            Edit();
        }

        (await verified.CheckAsync(file, Token)).ShouldBeFalse();
        verified.Hashed.ShouldBe(0);
        file.Hold.Dispose();
    }

    [Fact]
    public async Task A_cache_without_marks_makes_room_and_replaces_what_is_damaged()
    {
        await StartAsync(secret: null);
        Directory.Exists(Path.Combine(_directory, "verified")).ShouldBeFalse();
        Edit();
        (await StartAsync(secret: null)).ShouldBe((1, _bytes.Length));
        var room = new WeightsRoom(new WeightsOptions { Directory = _directory, SizeLimit = 3_500_000 }, TimeProvider.System, NullLogger.Instance);
        await room.TakeAsync(1_000_000, "another", Token);
        File.Exists(FilePath).ShouldBeFalse();
    }

    [Fact]
    public async Task A_mark_that_a_reading_has_shown_to_be_wrong_is_not_believed_even_where_it_cannot_be_deleted()
    {
        await StartAsync();
        Edit();
        Verified.In(_directory).Note(FilePath, Digest);
        var verified = Verified.In(_directory);
        var file = await AcquireAsync(verified, Digest);
        var (mark, text) = (Mark, await File.ReadAllTextAsync(Mark, Token));
        (await verified.CheckAsync(file, Token)).ShouldBeFalse();
        file.Hold.Dispose();
        await File.WriteAllTextAsync(mark, text, Token);
        (await AcquireAsync(verified, Digest)).Hold.Dispose();
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
        // The next one is.
        (await StartAsync()).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_held_is_still_what_it_was_unless_somebody_changed_it(bool isGone)
    {
        var verified = Verified.In(_directory);
        var file = await AcquireAsync(verified, Digest);
        using var held = new WeightsLease([file]);
        (await verified.AreStillAsync(held, Token)).ShouldBeTrue();
        verified.Hashed.ShouldBe(0);
        var written = File.GetLastWriteTimeUtc(FilePath);
        File.SetLastWriteTimeUtc(FilePath, DateTime.UnixEpoch);
        (await verified.AreStillAsync(held, Token)).ShouldBeTrue();
        verified.Hashed.ShouldBe(1);
        if (isGone)
        {
            File.Delete(FilePath);
        }
        else
        {
            Edit();
            File.SetLastWriteTimeUtc(FilePath, written);
        }

        (await verified.AreStillAsync(held, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_mark_goes_with_its_file()
    {
        await StartAsync();
        File.Exists(Mark).ShouldBeTrue();
        var room = new WeightsRoom(new WeightsOptions { Directory = _directory, SizeLimit = 3_500_000 }, TimeProvider.System, NullLogger.Instance);
        await room.TakeAsync(1_000_000, "another", Token);
        Directory.GetFiles(Path.Combine(_directory, "verified")).ShouldBeEmpty();
    }

    /// <summary>A process begins, and has the weights.</summary>
    /// <returns>Files that it hashed of those that were here, and bytes that the store gave it.</returns>
    private async Task<(long Hashed, long Fetched)> StartAsync(string? digest = null, string? secret = "a secret of tests", bool verifyAtStart = false, bool mustRead = false, int times = 1)
    {
        var before = _store.Given;
        var verified = Verified.In(_directory, secret, verifyAtStart);
        for (var time = 0; time < times; time++)
        {
            (await AcquireAsync(verified, digest ?? Digest, mustRead)).Hold.Dispose();
        }

        return (verified.Hashed, _store.Given - before);
    }

    private Task<WeightsLease.File> AcquireAsync(VerifiedFiles verified, string digest, bool mustRead = false) =>
        new WeightsCache(_store, verified, Options.Create(new WeightsOptions { Directory = _directory }), TimeProvider.System, NullLogger<WeightsCache>.Instance)
            .AcquireAsync(new WeightsPart("m", digest, _bytes.Length) { MustRead = mustRead }, _ => { }, Token);

    private async Task<long> LocalAsync(string path)
    {
        var verified = Verified.In(_directory);
        (await new LocalWeights(verified, NullLogger<LocalWeights>.Instance).AcquireAsync(new WeightsPart(path, Digest, 0), _ => { }, Token)).Hold.Dispose();
        return verified.Hashed;
    }

    private void Edit()
    {
        using var file = File.OpenHandle(FilePath, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.Write(file, [(byte)(_bytes[1_000_000] ^ 1)], 1_000_000);
    }
}
