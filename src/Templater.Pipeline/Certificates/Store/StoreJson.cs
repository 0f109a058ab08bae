using System.Text.Json.Serialization;

namespace Templater.Pipeline.Certificates.Store;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(AccountFacts))]
[JsonSerializable(typeof(KeptOrder))]
[JsonSerializable(typeof(CertificateFacts))]
internal sealed partial class StoreJson : JsonSerializerContext;
