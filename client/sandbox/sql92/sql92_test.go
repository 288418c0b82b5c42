package sql92

import (
	"strings"
	"testing"
)

// sqlMessage has the properties of the message that is matched.
func sqlMessage(name string) (string, bool) {
	v, ok := map[string]string{
		"a": "1", "word": "it's", "yes": "True", "point": "1.5", "long": "3000000000", "blank": " 7 ", "empty": "",
		"double": "2d", "hex": "0x1p3", "nan": "NaN", "inf": "1e999", "minus": "-0.0", "zero": "0", "_$1": "x", "A": "9",
	}[name]
	return v, ok
}

// Every row was checked with rocketmq-filter-5.5.0.jar.
func TestFilter(t *testing.T) {
	for text, want := range map[string]bool{
		// A property is what it is compared with.
		`a = 1`: true, `a = '1'`: true, `a = 1.0`: true, `1 = a`: true, `a = 01`: false, `a = 1L`: true,
		`point > 1.0`: true, `point > 1`: false, `NOT (point > 1)`: false, `point > 1 OR TRUE`: false, `TRUE OR point > 1`: true,
		`long > 1`: false, `long > 2147483648`: true, `long > 2147483647`: false, `long = 3000000000`: true,
		`word = 1`: false, `word <> 1`: false, `word > a`: false, `a < point`: true, `hex > double`: true,
		`blank = 7`: false, `blank = 7.0`: true, `double = 2.0`: true, `hex = 8.0`: true, `inf > 1e308`: true,
		`nan > inf`: true, `nan >= nan`: true, `minus < zero`: true, `minus >= zero`: false,
		`yes`: false, `NOT yes`: true, `yes = TRUE`: true, `TRUE = yes`: false, `TRUE <> yes`: false, `word = FALSE`: true,
		`empty = ''`: true, `empty IS NULL`: false, `A = 9 AND a = 1`: true, `_$1 = 'x'`: true,
		// Unknown stays unknown, but not everywhere.
		`gone`: false, `NOT gone`: false, `gone = 'x'`: false, `gone <> 'x'`: false, `NOT (gone > 1)`: false, `gone IS NULL`: true,
		`a IS NOT NULL`: true, `'x' <> gone`: true, `gone = lost`: true, `gone <> lost`: false, `(gone = 1) IS NULL`: true,
		`gone > 1 OR a = 1`: true, `NOT (gone > 1 AND a = 2)`: true, `NOT (gone > 1 AND a = 1)`: false,
		`gone NOT IN ('x')`: false, `gone NOT BETWEEN 1 AND 2`: false, `NOT (gone CONTAINS 'x')`: true, `gone NOT CONTAINS 'x'`: false,
		`NULL`: false, `NOT NULL`: false, `NULL IS NULL`: true, `-a IS NULL`: true, `a > -'x' IS NULL`: true,
		// Precedence, and what an expression gives is compared again.
		`a = 1 OR a = 1 AND a = 2`: true, `(a = 1 OR a = 1) AND a = 2`: false, `NOT a = 2`: false, `NOT (a = 2) AND a = 1`: true,
		`a = 1 = TRUE`: true, `1 = a = 'x'`: false, `a BETWEEN 0 AND 1 AND a = 1`: true, `word = (a = 2)`: true, `(a = 1) = 5`: false,
		// Lists, ranges and searches.
		`a IN ('2', '1')`: true, `a NOT IN ('2')`: true, `word IN ('it''s')`: true, `a BETWEEN 1 AND 1`: true, `a NOT BETWEEN 2 AND 1`: true,
		`a BETWEEN 5 AND -5`: false, `a BETWEEN -1 AND 1.5`: true, `5 BETWEEN a AND 9`: true, `a BETWEEN 2 AND word`: false,
		`word contains 't'`: true, `word StartsWith 'it'''`: true, `word ENDSWITH 't'`: false, `word NOT ENDSWITH 't'`: true,
		`word CONTAINS ''`: false, `word NOT CONTAINS ''`: false, `1 CONTAINS '1'`: false, `1 NOT CONTAINS '2'`: false,
		`point > 1 CONTAINS ''`: false, `NOT (point > 1 CONTAINS '')`: true, `'abc' CONTAINS 'b'`: true,
		// Literals.
		`TRUE`: true, `false`: false, `1 = 1.0`: true, `-1 = - +1`: true, `--1 = 1`: true, `- -1 = 1`: true, `.5 < 5.`: true, `00.5 = 5E-1`: true,
		`9223372036854775807 > 9223372036854775806`: true, `-9223372036854775807 < 0`: true, `4.9e-324 > 0`: true,
		`'é' = 'é'`: true, `'x' = TRUE`: false, `'x' = FALSE`: true, `1 = TRUE`: false, `'''' = ''''`: true,
		// Blanks, comments, and what follows an expression.
		"\f\r\n\ta/**/=/* * / ***/1": true, "a -- = 2\n = 1": true, "a -- = 2\r = 1": true, `a = 1 -- word`: true, `a = 1--`: true, `-- a IS NULL`: true,
		`a = 1) OR (`: true, `a = 1 'x' #`: true, `a = 1 'x''`: true, `a = 007`: false, `zero = 007`: true, `zero = 0L`: true, `a-b`: false,
		`a = 1 b.c`: true, `a = 1 LIKE 'x'`: true, `a = 1e`: true, `nothing = 1`: false, `TRUE FALSE`: true,
	} {
		f, err := Parse(text)
		if err != nil || f.Match(sqlMessage) != want {
			t.Errorf("%s: not %v, %v", text, want, err)
		}
	}
}

// What 5.5.0's parser refuses, and what we say then.
func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		``: `at character 1: the end where a value is expected`, " \n": `character 3: the end`, `/* a */`: `character 8: the end`,
		"-- a = 1\n": `the end`,
		`1`:          `character 1: it is neither true nor false`, `'x'`: `neither`, `-a`: `neither`,
		`a = 1 AND 'x'`: `character 11: it is neither`, `NOT 1`: `character 5`,
		`a =`: `character 4: the end`, `a = = 1`: `character 5: "="`, `a = 1 AND`: `the end`, `(a = 1`: `the end where ) is expected`,
		`a = )`:   `")"`,
		`AND = 1`: `"AND"`, `a != 1`: `character 3: '!' has no place here`, `'é' = é`: `character 7: 'é'`, `a.b = 1`: `'.'`,
		`a = "x"`: `'"'`, "a =\v1": `'\v'`,
		`a = 1 #`: `'#'`, `a = 'x`: `a string without an end`, `a = 1 /*`: `'/'`, `a = 'x' 'y`: `a string without an end`,
		`a = 9223372036854775808`: `"9223372036854775808" is out of range`, `a = -9223372036854775808`: `out of range`,
		`a > 0.0`: `out of range`, `a = 1e400`: `out of range`, `a = 1e-400`: `out of range`,
		`a > 'x'`: `character 5: only numbers`, `TRUE > -1`: `character 1: only numbers`, `a < NULL`: `only numbers`,
		`a > 1 > 0`: `character 1: only numbers`, `a >= (b = 1)`: `only numbers`,
		`a = NULL`: `character 5: NULL cannot be compared`, `NULL <> a`: `NULL cannot`,
		`TRUE = 1`: `cannot be compared with TRUE or FALSE`, `a IS TRUE`: `"TRUE" where NULL`, `a IS NOT 1`: `NULL`,
		`a BETWEEN 2 AND 1`: `2 is more than 1`, `a BETWEEN 1.5 AND 1`: `1.5 is more than 1`, `a BETWEEN 'a' AND 'b'`: `only numbers`,
		`a BETWEEN 1, 2`: `AND`, `a NOT BETWEEN 1 AND 'b'`: `only numbers`,
		`a IN ()`: `a string is expected`, `a IN (1)`: `a string is expected`, `a IN ('x',)`: `a string`, `a IN 'x'`: `( is expected`,
		`'x' IN ('x')`: `only a property`, `-a IN ('x')`: `only a property`,
		`a NOT = 1`: `after NOT`, `a NOT < 1`: `"<" where BETWEEN`, `a NOT NULL`: `after NOT`, `a CONTAINS b`: `a string is expected`,
	} {
		f, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) || f.Match(sqlMessage) {
			t.Errorf("%s: not %s, but %v", text, want, err)
		}
	}
}

// Depth has a bound, but length has none.
func TestDeep(t *testing.T) {
	for _, deep := range []string{"(", "NOT ", "- ", "+", "a = (", "a CONTAINS 'x' = ("} {
		if _, err := Parse(strings.Repeat(deep, 1_000_000) + "a"); err == nil || !strings.Contains(err.Error(), "nested deeper than 100") {
			t.Errorf("%s: %v", deep, err)
		}
	}
	for _, long := range []string{" = a", " IS NULL", " CONTAINS 'x'", " BETWEEN 1 AND 2"} {
		if _, err := Parse("a" + strings.Repeat(long, 1_000_000)); err == nil {
			t.Errorf("%s: no error", long)
		}
	}
	for text, want := range map[string]bool{
		strings.Repeat("(", 99) + "a = 1" + strings.Repeat(")", 99):            true,
		"a = 1" + strings.Repeat(" AND a = 1", 100_000) + " AND a IS NOT NULL": true,
		"a = 2" + strings.Repeat(" OR a = 2", 100_000) + " OR a = 1":           true,
		"a IN ('x'" + strings.Repeat(",'y'", 100_000) + ",'1')":                true,
		// Java evaluates the value of each BETWEEN twice, so this one 2^30 times.
		strings.Repeat("-(", 30) + "a BETWEEN 1 AND 2" + strings.Repeat(") BETWEEN 1 AND 2", 30) + " IS NULL": true,
	} {
		if f, err := Parse(text); err != nil || f.Match(sqlMessage) != want {
			t.Errorf("%.40s: not %v, %v", text, want, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`a = 1 AND NOT (b >= 1.5e3 OR c IN ('x', 'it''s'))`, "1")
	f.Add(`a BETWEEN -1 AND 2 -- c`, "0x1p3d")
	f.Add(`a NOT CONTAINS 'é' <> TRUE /* c */ IS NOT NULL`, "é")
	f.Add(`--1 = +a) 'x''`, "-0.0")
	f.Fuzz(func(t *testing.T, text, value string) {
		get := func(name string) (string, bool) { return value, name != "b" }
		filter, err := Parse(text)
		got := filter.Match(get)
		if err != nil && (got || !strings.HasPrefix(err.Error(), "at character ")) {
			t.Fatalf("%q: %v, %v", text, got, err)
		}
		// The same expression, with a term before it that decides nothing or all.
		for before, want := range map[string]bool{" \n": got, "FALSE OR ": got, "TRUE OR ": err == nil} {
			again, err2 := Parse(before + text)
			if (err2 == nil) != (err == nil) || again.Match(get) != want {
				t.Fatalf("%q before %q: %v, %v", before, text, err, err2)
			}
		}
	})
}
