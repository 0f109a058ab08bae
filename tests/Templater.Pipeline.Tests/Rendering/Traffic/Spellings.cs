namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>One path in other words, as somebody writes it who wants to get past what guards it.</summary>
internal static class Spellings
{
    /// <summary>Ways to write <c>/admin</c>, and paths below it.</summary>
    public static readonly string[] OfAdmin =
    [
        "/admin",
        "/admin/",
        "/admin/x?y",
        "//admin",
        "/%61dmin",
        "/a/../admin",
        "/a/%2e%2e/admin",
        "/%2fadmin",
        "/admin%2fx",
        "/admin;x",
        "/zz/..;/admin/x",
        "http://a.example.com/admin",
    ];
}
