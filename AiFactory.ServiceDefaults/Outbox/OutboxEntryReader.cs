namespace AiFactory.ServiceDefaults.Outbox;

/// <summary>Takes one entry of an outbox; its bytes are the buffer's.</summary>
public delegate void OutboxEntryReader(ReadOnlySpan<byte> entry, long segment);
