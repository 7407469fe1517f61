using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using AiFactory.Gateway.Limits;

namespace AiFactory.Gateway.Metering;

/// <summary>
/// A record as bytes: a kind, a form, the record's members in their order. Numbers are little-endian; a text is its length in two bytes and UTF-8; what may be
/// absent has a byte before it.
/// </summary>
internal static class UsageEntry
{
    /// <summary>No entry is longer.</summary>
    public const int LongestEntry = ((LongestText + 2) * 12) + 256 + (LimitTable.MostOfRequest * (LongestText + 2 + 16 + 25)) + 52;

    private const byte Form = 2;

    /// <summary>Of the version before, which had no <see cref="UsageRecord.Cache"/>: its entries may wait in a file when it is replaced.</summary>
    private const byte FirstForm = 1;

    /// <summary>Behind the members of <see cref="Form"/>: a count, the holder, and of each charge limit, owner, window, units.</summary>
    private const byte ChargedForm = 3;

    /// <summary>Bytes of one text; a longer one is cut. No name that the factory gives is as long.</summary>
    private const int LongestText = 512;

    public static UsageEntryKind KindOf(ReadOnlySpan<byte> entry) => (UsageEntryKind)entry[0];

    public static Guid IdOf(ReadOnlySpan<byte> entry) => new(entry[2..18]);

    /// <returns>How many bytes it took.</returns>
    public static int Write(UsageEntryKind kind, in UsageRecord record, Span<byte> buffer)
    {
        var writer = new Writer(buffer);
        writer.Byte((byte)kind);
        writer.Byte(record.Charges is null ? Form : ChargedForm);
        writer.Guid(record.Id);
        writer.Long(record.At.UtcTicks);
        writer.Text(record.Project);
        writer.Guid(record.KeyId);
        writer.Text(record.Subject);
        writer.Text(record.Operation);
        writer.Text(record.RequestedModel);
        writer.Text(record.Deployment);
        writer.Guid(record.DeploymentId);
        writer.OptionalText(record.Model);
        writer.Long(record.ModelVersion);
        writer.OptionalText(record.Replica);
        writer.Text(record.RequestId);
        writer.Byte(record.Stream ? (byte)1 : (byte)0);
        writer.Long(record.Attempts);
        writer.Long(record.PromptTokens);
        writer.Long(record.CachedTokens);
        writer.Long(record.CompletionTokens);
        writer.Byte(record.Estimated ? (byte)1 : (byte)0);
        writer.Byte((byte)record.Outcome);
        writer.OptionalText(record.Error);
        writer.Long(record.Status);
        writer.Long(record.QueuedMicros);
        writer.Long(record.FirstTokenMicros);
        writer.Long(record.TotalMicros);
        writer.Long(record.CostMicros);
        writer.OptionalText(record.PriceVersion);
        writer.OptionalText(record.Cache);
        if (record.Charges is { } charges)
        {
            Write(charges, ref writer);
        }

        writer.OptionalText(record.Guardrails);
        writer.Long(record.Images);
        writer.Guid(record.Variant);
        writer.Long(record.RolloutStep?.UtcTicks);
        return writer.Written;
    }

    /// <exception cref="InvalidDataException">It was written by a version that this one does not know.</exception>
    public static UsageRecord Read(ReadOnlySpan<byte> entry, KnownTexts texts)
    {
        if (entry.Length < 18 || entry[1] is not (Form or FirstForm or ChargedForm))
        {
            throw new InvalidDataException("an entry is of a form that this version does not know");
        }

        var reader = new Reader(entry[2..], texts);
        return new UsageRecord
        {
            Id = reader.Guid(),
            At = new DateTimeOffset(reader.Long(), TimeSpan.Zero),
            Project = reader.Text(),
            KeyId = reader.OptionalGuid(),
            Subject = reader.Text(),
            Operation = reader.Text(),
            RequestedModel = reader.Text(),
            Deployment = reader.Text(),
            DeploymentId = reader.OptionalGuid(),
            Model = reader.OptionalText(),
            ModelVersion = (int?)reader.OptionalLong(),
            Replica = reader.OptionalText(),
            RequestId = reader.NewText(),
            Stream = reader.Byte() == 1,
            Attempts = (int)reader.Long(),
            PromptTokens = reader.OptionalLong(),
            CachedTokens = reader.OptionalLong(),
            CompletionTokens = reader.OptionalLong(),
            Estimated = reader.Byte() == 1,
            Outcome = (UsageOutcome)reader.Byte(),
            Error = reader.OptionalText(),
            Status = (int)reader.Long(),
            QueuedMicros = reader.Long(),
            FirstTokenMicros = reader.OptionalLong(),
            TotalMicros = reader.Long(),
            CostMicros = reader.OptionalLong(),
            PriceVersion = reader.OptionalText(),
            Cache = entry[1] == FirstForm ? null : reader.OptionalText(),
            Charges = entry[1] == ChargedForm ? ReadCharges(ref reader) : null,
            Guardrails = reader.IsOver ? null : reader.OptionalText(), // an entry of a version before ends here
            Images = reader.IsOver ? null : reader.OptionalLong(), // or here
            Variant = reader.IsOver ? null : reader.OptionalGuid(), // or here
            RolloutStep = !reader.IsOver && reader.OptionalLong() is { } step ? new DateTimeOffset(step, TimeSpan.Zero) : null, // or here
        };
    }

    private static void Write(Charge[] charges, ref Writer writer)
    {
        writer.Byte((byte)charges.Length);
        writer.Guid(charges[0].Holder);
        foreach (var charge in charges)
        {
            writer.Guid(charge.Limit);
            writer.Text(charge.Owner);
            writer.Long(charge.StartsAt.UtcTicks);
            writer.Long(charge.EndsAt.UtcTicks);
            writer.Long(charge.Units);
        }
    }

    private static Charge[] ReadCharges(ref Reader reader)
    {
        var charges = new Charge[reader.Byte()];
        var holder = reader.Guid();
        for (var i = 0; i < charges.Length; i++)
        {
            charges[i] = new Charge(holder, reader.Guid(), reader.Text(), new DateTimeOffset(reader.Long(), TimeSpan.Zero), new DateTimeOffset(reader.Long(), TimeSpan.Zero), reader.Long());
        }

        return charges;
    }

    private ref struct Writer(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;

        public int Written { get; private set; }

        public void Byte(byte value) => _buffer[Written++] = value;

        public void Long(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_buffer[Written..], value);
            Written += sizeof(long);
        }

        public void Long(long? value)
        {
            Byte(value is null ? (byte)0 : (byte)1);
            if (value is { } present)
            {
                Long(present);
            }
        }

        public void Guid(Guid value)
        {
            value.TryWriteBytes(_buffer[Written..]);
            Written += 16;
        }

        public void Guid(Guid? value)
        {
            Byte(value is null ? (byte)0 : (byte)1);
            if (value is { } present)
            {
                Guid(present);
            }
        }

        public void Text(string value)
        {
            Utf8.FromUtf16(value, _buffer.Slice(Written + 2, LongestText), out _, out var length);
            BinaryPrimitives.WriteUInt16LittleEndian(_buffer[Written..], (ushort)length);
            Written += 2 + length;
        }

        public void OptionalText(string? value)
        {
            Byte(value is null ? (byte)0 : (byte)1);
            if (value is not null)
            {
                Text(value);
            }
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes, KnownTexts texts)
    {
        private ReadOnlySpan<byte> _bytes = bytes;

        public readonly bool IsOver => _bytes.IsEmpty;

        public byte Byte() => Take(1)[0];

        public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

        public long? OptionalLong() => Byte() == 0 ? null : Long();

        public Guid Guid() => new(Take(16));

        public Guid? OptionalGuid() => Byte() == 0 ? null : Guid();

        public string Text() => texts.Of(TextBytes());

        /// <summary>One that no other entry has.</summary>
        public string NewText() => Encoding.UTF8.GetString(TextBytes());

        public string? OptionalText() => Byte() == 0 ? null : Text();

        private ReadOnlySpan<byte> TextBytes() => Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));

        private ReadOnlySpan<byte> Take(int count)
        {
            var taken = _bytes[..count];
            _bytes = _bytes[count..];
            return taken;
        }
    }
}
