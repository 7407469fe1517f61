using AiFactory.Contracts.Guardrails;

namespace AiFactory.Gateway.Guardrails.Entities;

/// <summary>
/// The kinds of <see cref="GuardrailEntities"/>. Every pattern has an end, so that no more than its longest match of a stream is held back; none has look-around, which no search in
/// linear time has.
/// </summary>
internal static class EntityTable
{
    private const string Base64Url = "[A-Za-z0-9_-]";

    private static readonly string[] KeyBeginnings =
    [
        @"\baif_[0-9A-Za-z_-]{8,200}", // as the library makes and takes them
        @"\bsk-[A-Za-z0-9_-]{20,250}",
        @"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,250}",
        @"\bgh[oprsu]_[A-Za-z0-9]{36,250}",
        @"\bgithub_pat_[A-Za-z0-9_]{22,250}",
        @"\bglpat-[A-Za-z0-9_-]{20,100}",
        @"\bxox[abeprs]-[A-Za-z0-9-]{10,250}",
        @"\bAIza[A-Za-z0-9_-]{35}",
        @"\bhf_[A-Za-z0-9]{30,60}\b",
        @"\bnpm_[A-Za-z0-9]{36}\b",
    ];

    public static IReadOnlyDictionary<string, Entity> All { get; } = new Entity[]
    {
        new(GuardrailEntities.Email, "EMAIL", @"[\w.%+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", Verifications.Email),
        new(GuardrailEntities.Phone, "PHONE", string.Join('|',
            @"\+[1-9](?:[ ()./-]{0,2}\d){6,14}\b",
            @"\b00[1-9](?:[ ()./-]{0,2}\d){6,13}\b",
            @"\b0[1-9]\d{1,4}[ /-]\d(?:[ /-]?\d){3,9}\b",
            @"(?:\([2-9]\d{2}\) ?|\b[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}\b")),
        new(GuardrailEntities.CreditCard, "CREDIT_CARD", @"\b\d(?:[ .\u00A0\u202F-]?\d){12,18}\b", Verifications.CreditCard),
        new(GuardrailEntities.Iban, "IBAN", @"\b[A-Z]{2}\d{2}(?:[ .\u00A0\u202F-]?[A-Z0-9]){11,30}\b", Verifications.Iban),
        new(GuardrailEntities.IpAddress, "IP_ADDRESS", @"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9A-F]{1,4}(?::{1,2}[0-9A-F]{1,4}){1,7}\b", Verifications.IpAddress),
        new(GuardrailEntities.UsSsn, "US_SSN", @"\b\d{3}[ -]\d{2}[ -]\d{4}\b", Verifications.UsSsn),
        new(GuardrailEntities.GermanTaxId, "DE_TAX_ID", @"\b[1-9]\d(?:[ /]?\d){9}\b", Verifications.GermanTaxId),
        new(GuardrailEntities.SwissAhv, "CH_AHV", @"\b756(?:[ .]?\d){10}\b", Verifications.SwissAhv),
        new(GuardrailEntities.AwsKey, "AWS_KEY", @"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
        new(GuardrailEntities.ApiKey, "API_KEY", string.Join('|', KeyBeginnings)),
        new(GuardrailEntities.Jwt, "JWT", $@"eyJ{Base64Url}{{8,500}}\.{Base64Url}{{8,2000}}(?:\.{Base64Url}{{1,700}})?"),
        // A key of 4,096 bits has some 3,300 characters. It ends with its last line, or where a sentence about one does.
        new(GuardrailEntities.PrivateKey, "PRIVATE_KEY", @"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----[^-.]{0,3600}(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY-----)?"),
    }.ToDictionary(entity => entity.Name, StringComparer.Ordinal);
}
