namespace Sluice.Cli.Top;

/// <summary>The orders of the connections of <c>sluice top</c>.</summary>
internal enum TopOrder
{
    /// <summary>By bytes per second, the most first.</summary>
    Rate,

    /// <summary>By bytes so far, the most first.</summary>
    Bytes,

    /// <summary>By how long they wait, the longest first.</summary>
    Wait,

    /// <summary>By the address of the peer.</summary>
    Peer,
}
