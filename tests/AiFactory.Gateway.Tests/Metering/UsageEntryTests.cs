using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Tests.Metering;

public sealed class UsageEntryTests
{
    private static readonly UsageRecord Full = new()
    {
        Id = Guid.CreateVersion7(),
        At = new DateTimeOffset(2026, 11, 22, 1, 2, 3, 456, TimeSpan.Zero).AddTicks(7890),
        Project = "default",
        KeyId = Guid.CreateVersion7(),
        Subject = "user:ada é",
        Operation = "chat/completions",
        RequestedModel = "demo-chat",
        Deployment = "demo-chat-2",
        DeploymentId = Guid.CreateVersion7(),
        Model = "demo",
        ModelVersion = 3,
        Replica = "127.0.0.1:5",
        RequestId = "my-id",
        Stream = true,
        Attempts = 2,
        PromptTokens = 9,
        CachedTokens = 4,
        CompletionTokens = 12,
        Estimated = true,
        Outcome = UsageOutcome.ClientLeft,
        Error = "client_left",
        Status = 200,
        QueuedMicros = 1,
        FirstTokenMicros = 2,
        TotalMicros = 3,
        CostMicros = 4,
        PriceVersion = "0123456789ab",
        Cache = "hit",
        Guardrails = "mask:no-mail,flag:rivals",
        Images = 2,
        Variant = Guid.CreateVersion7(),
        RolloutStep = new DateTimeOffset(2026, 11, 1, 13, 0, 0, TimeSpan.Zero).AddTicks(10),
    };

    [Fact]
    public void A_record_is_read_as_it_was_written()
    {
        RoundTrip(Full).ShouldBe(Full);
        var least = new UsageRecord
        {
            Id = Full.Id, At = Full.At, Project = "", Subject = "", Operation = "", RequestedModel = "", Deployment = "", RequestId = "",
        };
        RoundTrip(least).ShouldBe(least);
    }

    [Fact]
    public void What_a_record_takes_of_limits_is_read_as_it_was_written()
    {
        var (holder, starts) = (Guid.CreateVersion7(), new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
        Charge[] charges =
        [
            .. Enumerable.Range(1, LimitTable.MostOfRequest).Select(i => new Charge(holder, Guid.CreateVersion7(), i % 2 == 0 ? "" : new string('o', 500), starts, i % 2 == 0 ? DateTimeOffset.MaxValue : starts.AddMonths(1), i)),
        ];

        var read = RoundTrip(Full with { Charges = charges });

        read.Charges.ShouldBe(charges);
        (read with { Charges = null }).ShouldBe(Full);
    }

    [Fact]
    public void A_text_that_is_too_long_is_cut_between_characters_and_every_record_fits()
    {
        var text = new string('é', 1000);
        var record = Full with
        {
            Project = text, Subject = text, Operation = text, RequestedModel = text, Deployment = text, Model = text, Replica = text, RequestId = text, Error = text, PriceVersion = text, Cache = text,
        };

        RoundTrip(record).Subject.ShouldBe(new string('é', 256));
    }

    [Fact]
    public void An_entry_that_the_version_before_left_in_the_file_is_read()
    {
        var buffer = new byte[UsageEntry.LongestEntry];
        var without = Full with { Guardrails = null, Images = null, Variant = null, RolloutStep = null };
        var length = UsageEntry.Write(UsageEntryKind.Ended, without, buffer) - 4; // what says that nothing was found, that no image was asked for, that no policy chose, and no rollout
        UsageEntry.Read(buffer.AsSpan(0, length + 3), new KnownTexts()).ShouldBe(without);
        UsageEntry.Read(buffer.AsSpan(0, length + 2), new KnownTexts()).ShouldBe(without);
        UsageEntry.Read(buffer.AsSpan(0, length + 1), new KnownTexts()).ShouldBe(without);
        UsageEntry.Read(buffer.AsSpan(0, length), new KnownTexts()).ShouldBe(without);

        buffer[1] = 1;
        UsageEntry.Read(buffer.AsSpan(0, length - ("hit".Length + 3)), new KnownTexts()).ShouldBe(without with { Cache = null });
    }

    [Fact]
    public void An_entry_of_a_later_version_is_refused_and_not_guessed_at()
    {
        var buffer = new byte[UsageEntry.LongestEntry];
        var length = UsageEntry.Write(UsageEntryKind.Ended, Full, buffer);
        buffer[1] = 4;

        Should.Throw<InvalidDataException>(() => UsageEntry.Read(buffer.AsSpan(0, length), new KnownTexts()));
    }

    private static UsageRecord RoundTrip(UsageRecord record)
    {
        var buffer = new byte[UsageEntry.LongestEntry];
        var length = UsageEntry.Write(UsageEntryKind.Ended, record, buffer);
        UsageEntry.KindOf(buffer).ShouldBe(UsageEntryKind.Ended);
        UsageEntry.IdOf(buffer).ShouldBe(record.Id);
        return UsageEntry.Read(buffer.AsSpan(0, length), new KnownTexts());
    }
}
