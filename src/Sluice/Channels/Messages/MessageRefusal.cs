namespace Sluice.Channels.Messages;

/// <summary>Why a <see cref="Writing.SendQueue"/> that is open refuses messages.</summary>
internal enum MessageRefusal : byte
{
    None,

    /// <summary>Another layer, TLS, writes to the channel.</summary>
    Upgraded,

    /// <summary>Only the beginning of a write was written, and what follows it would be taken for its rest.</summary>
    CutShort,
}
