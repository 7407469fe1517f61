namespace AiFactory.ModelLibrary.Auditing;

/// <summary>
/// How far the audit is; another after each act. Numbers are given before an act is committed and may be committed in another order, so the newest alone does not tell:
/// <paramref name="Recent"/> counts the entries up to 1,000 numbers before it.
/// </summary>
internal readonly record struct AuditMark(long Last, long Recent);
