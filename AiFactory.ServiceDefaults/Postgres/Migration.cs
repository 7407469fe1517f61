namespace AiFactory.ServiceDefaults.Postgres;

/// <summary>One embedded file.</summary>
/// <param name="Number">From 1, without gap.</param>
/// <param name="Name">The file's name, for example <c>0007_scan_findings.sql</c>.</param>
/// <param name="Checksum">SHA-256 of the text with line ends as <c>\n</c>, lower-case hex: a checkout on Windows must not differ.</param>
public sealed record Migration(int Number, string Name, string Sql, string Checksum);
