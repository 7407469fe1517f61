namespace AiFactory.Gateway.Metering;

/// <summary>What an entry of the outbox says of a request. The numbers never change.</summary>
internal enum UsageEntryKind : byte
{
    /// <summary>It goes on; this is what the ledger gets of it if nothing more is heard.</summary>
    Open = 1,

    /// <summary>The last <see cref="Open"/> again, behind a segment that is deleted.</summary>
    Carried = 2,

    Ended = 3,

    /// <summary>Of no request: something was refused or done at the gateway.</summary>
    Audit = 4,
}
