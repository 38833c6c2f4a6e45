namespace Sluice.Engine.Files;

/// <summary>The kind of a file (inode(7)).</summary>
internal enum FileKind
{
    /// <summary>The system does not tell, or there is none.</summary>
    Unknown,
    Regular,
    Directory,
    Fifo,
    CharacterDevice,
    BlockDevice,
    Socket,
}
