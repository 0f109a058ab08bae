namespace Templater.Language;

/// <summary>Where a text comes from, and so whether it may be written into a file as it is. Ordered: the worst wins.</summary>
public enum Taint
{
    /// <summary>From the template or the program itself.</summary>
    Clean,

    /// <summary>From a container, and made safe by a quoting function of the template's format.</summary>
    Quoted,

    /// <summary>From a container (label, environment, name), or made from such a text.</summary>
    Tainted,
}

/// <summary>How taint goes through operations.</summary>
internal static class TaintRules
{
    /// <summary>Joining whole texts end to end keeps quoting intact.</summary>
    public static Taint Joined(Taint left, Taint right) => left > right ? left : right;

    /// <summary>Any other operation may cut or change the quoting: quoted text counts as tainted again.</summary>
    public static Taint Changed(Taint taint) => taint == Taint.Clean ? Taint.Clean : Taint.Tainted;
}
