using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Templater.Acme.Protocol;

/// <summary>
/// How the objects of the protocol become JSON, made at compile time. Members that are not known are ignored, so that CAs can
/// add to them (RFC 8555 section 9.7); one that must be there and is not is an error.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = MaxDepth)]
[JsonSerializable(typeof(Directory))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(AccountBody))]
[JsonSerializable(typeof(NewAccountRequest))]
[JsonSerializable(typeof(AccountChange))]
[JsonSerializable(typeof(NewOrderRequest))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Authorization))]
[JsonSerializable(typeof(Challenge))]
[JsonSerializable(typeof(FinalizeRequest))]
[JsonSerializable(typeof(RevocationRequest))]
[JsonSerializable(typeof(RenewalInfo))]
[JsonSerializable(typeof(JwsMessage))]
internal sealed partial class AcmeJson : JsonSerializerContext
{
    /// <summary>Deepest nesting that is read: a problem within a problem within an order is five deep.</summary>
    public const int MaxDepth = 16;

    /// <summary>A list of the CA's, each element of which is there: that is not looked at when it is read.</summary>
    /// <param name="list">The list; null where it is left out.</param>
    /// <exception cref="JsonException">An element is null.</exception>
    [return: NotNullIfNotNull(nameof(list))]
    public static IReadOnlyList<T>? Whole<T>(IReadOnlyList<T>? list) =>
        list is null || list.All(static one => one is not null) ? list : throw new JsonException("a list has an element that is null");
}
