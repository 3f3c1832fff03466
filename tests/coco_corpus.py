"""Values, as they stand in JSON text, that make a COCO record unusual, damaged or broken: the hostile corpus."""

_TEXTS = {
    "image_id": r"""
        null true 7.5 "a\u0000" "\ud800" "\u00e9" -0 -0.0 1e2 1e30 [1] {} 9223372036854775807 9223372036854775808
        -9223372036854775808 9007199254740993.0 "" NaN
    """,
    "category_id": r"""
        null false 1.50 "1" 123456789012345678901234567890 Infinity "a/\/b"
    """,
    "score": r"""
        null true "0.5" NaN -Infinity 1e400 1e308 5e-324 -0 -0.0 [0.5] 7 1E-3 0.30000000000000004
        0.12345678901234567890123 9007199254740993 123456789012345678901234567890
    """,
    "bbox": r"""
        null [] {} [1,2,3] [1,2,3,4,5] [1,2,-3,4] [1,2,3,-0.0] [1,2,3,null] [1,2,3,true] [1,2,3,"4"] [NaN,2,3,4]
        [1,2,3,1e400] "1,2,3,4" [[1,2,3,4]] [-1e9,1e300,0,0] 7
    """,
    "segmentation": r"""
        null [] {} [[]] [[],[1,2,3,4,5,6]] [[1,2,3,4]] [[1,2,3,4,5]] [1,2,3,4,5,6] [[1,2,3,4,5,"6"]]
        [[1,2,3,4,5,NaN]] "abc" 7 {"size":[2,2]} {"counts":"a"} {"size":[2,2],"counts":"a","more":1}
        {"size":[2,2],"size":[2,2],"counts":"a"} {"size":[0,2],"counts":"a"} {"size":[2,65537],"counts":"a"}
        {"size":[65536,65536],"counts":"a"} {"size":[2.0,2],"counts":"a"} {"size":[2.5,2],"counts":"a"}
        {"size":[true,2],"counts":"a"} {"size":[2,2,2],"counts":"a"} {"size":"2,2","counts":"a"}
        {"size":[2,2],"counts":null} {"size":[2,2],"counts":"\u0061\n"} {"size":[2,2],"counts":"a\u0000"}
        {"size":[2,2],"counts":[]} {"size":[2,2],"counts":[4]} {"size":[2,2],"counts":[0,4]}
        {"size":[2,2],"counts":[1,0,3]} {"size":[2,2],"counts":[1,2,1,0]} {"size":[2,2],"counts":[1,2]}
        {"size":[2,2],"counts":[-1,5]} {"size":[2,2],"counts":[1.0,3]} {"size":[2,2],"counts":[1.5,2.5]}
        {"size":[2,2],"counts":[true,3]} {"size":[2,2],"counts":[4294967296]} {"size":[2,2],"counts":["4"]}
        {"size":[2,2],"counts":"é"} {"size":[9,9],"counts":[1,30,1,2,40,7]} {"size":[2,2],"counts":{}}
    """,
    "keypoints": r"""
        null [] [1,2] [1,2,2,3] [1,2,3] [1,2,-1] [1,2,0.5] [1,2,1.0] [1,2,true] {} [1,2,NaN] [[1,2,2]] "x"
        [1e400,2,2] [1,2,1e400]
    """,
    "area": r"""
        null true "5" -1 1e400 [] {} NaN 0
    """,
    "iscrowd": r"""
        null 2 -1 0.0 1.0 0.5 "0" [] true false 1 00 NaN 10000000000
    """,
    "ignore": r"""
        null 2 1.0 "1" true {}
    """,
    "num_keypoints": r"""
        null -1 3.0 3.5 "3" true 2147483647 2147483648 99999999999 []
    """,
    "id": r"""
        null true 7.5 7.0 "" "é" "a\nb" -5 [] {} 1e400 18446744073709551616
    """,
    "caption": r"""
        NaN 1e400 -Infinity "\u0000" "\ud83d\ude00" "\ud83d" {"a":NaN} [1e999] 1e300 {"a\u0000":1}
        12345678901234567890123 {"a":{"b":[1,{}]}} "\q" tru {"a":1,"a":2} [1,]
    """,
    "\\u0069d": r"""
        1
    """,
    "image\\u005fid": r"""
        1
    """,
    "k\\n": r"""
        1
    """,
    "k\\u0000": r"""
        1
    """,
}

VALUES = {key: text.split() for key, text in _TEXTS.items()}
"""By key, of which some are themselves unusual."""
